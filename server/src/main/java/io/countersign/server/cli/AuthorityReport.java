// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.localauthority.AuthorityState;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * What signs, as people read it.
 *
 * @param kind {@code X.509} or {@code JWT}
 */
record AuthorityReport(String kind) {
    static final AuthorityReport X509 = new AuthorityReport("X.509");
    static final AuthorityReport JWT = new AuthorityReport("JWT");

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd HH:mm:ss '+0000 UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    /** The one that something was done with. */
    void print(PrintWriter out, String done, AuthorityState authority) {
        out.println(done + " " + kind + " authority:");
        print(out, authority);
    }

    /** One of the three that there may be. */
    void print(PrintWriter out, String state, Optional<AuthorityState> authority) {
        out.println(state + " " + kind + " authority:");
        if (authority.isPresent()) {
            print(out, authority.get());
        } else {
            out.println("  No " + state.toLowerCase(Locale.ROOT) + " " + kind + " authority found");
        }
    }

    private void print(PrintWriter out, AuthorityState authority) {
        out.println("  Authority ID: " + authority.getAuthorityId());
        out.println("  Expires at: " + TIME.format(Instant.ofEpochSecond(authority.getExpiresAt())));
        if (equals(X509)) {
            var upstream = authority.getUpstreamAuthoritySubjectKeyId();
            out.println(
                    upstream.isEmpty()
                            ? "  Upstream authority ID: No upstream authority"
                            : "  Upstream authority Subject Key ID: " + upstream);
        }
    }
}
