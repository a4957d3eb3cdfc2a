// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sync;

import io.countersign.agent.server.OwnBundle;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.x509.X509Svid;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the own trust domain takes back, from one bundle to the next. An authority may be revoked before anybody here has heard
 * that it was tainted. For one thread, but for {@link #tokenKeys}.
 */
final class Withdrawn {
    private List<X509Certificate> authorities = List.of();
    private Set<X509Certificate> tainted = Set.of();
    private Set<String> seenTokenKeys = Set.of();
    private volatile Set<String> tokenKeys = Set.of();

    /** The JWT authorities whose tokens are not to be handed out again: tainted now, or gone. */
    Set<String> tokenKeys() {
        return tokenKeys;
    }

    /** Whether certificates have to be looked through for {@link #isUnwanted}. */
    boolean isNewIn(OwnBundle next) {
        return !next.bundle().x509Authorities().containsAll(authorities) || !tainted.containsAll(next.tainted());
    }

    static boolean isUnwanted(OwnBundle next, X509Svid svid) {
        return next.taints(svid) || !next.vouchesFor(svid);
    }

    void take(OwnBundle next) {
        authorities = next.bundle().x509Authorities();
        tainted = next.tainted();
        var now =
                next.bundle().jwtAuthorities().stream().map(JwtAuthority::keyId).collect(Collectors.toSet());
        // one may be tainted and revoked before the next token is asked for, which must not come from what was kept
        // then
        var unwanted = new HashSet<>(tokenKeys);
        unwanted.addAll(seenTokenKeys);
        unwanted.removeAll(now);
        unwanted.addAll(next.taintedKeys());
        seenTokenKeys = now;
        tokenKeys = Set.copyOf(unwanted);
    }
}
