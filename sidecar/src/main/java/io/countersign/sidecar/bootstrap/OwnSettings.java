// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.time.Duration;
import java.util.Map;

/**
 * What Envoy has no setting for. It stands in the file under {@code node.metadata.countersign}, where Envoy takes anything, so
 * that the same file runs with both.
 *
 * @param closeAtExpiry whether connections end with the certificates that they were opened with
 * @param jwtSvidProviders providers of {@code jwt_authn} whose tokens are JWT-SVIDs, each with the cluster of the agent that knows
 *     the keys
 * @param requestTimeout how long a request may take to come where the connection manager says nothing of it; zero for ever
 * @param maxConnections how many connections a listener holds at once; more are closed as they come
 */
public record OwnSettings(
        boolean closeAtExpiry, int maxConnections, Duration requestTimeout, Map<String, String> jwtSvidProviders) {
    private static final int MOST = 10_000;
    /** Envoy has none. Long enough for what is large on a slow way. */
    private static final Duration REQUEST_TIMEOUT = Duration.ofHours(1);

    public OwnSettings {
        jwtSvidProviders = Map.copyOf(jwtSvidProviders);
    }

    /** Closes the section. */
    static OwnSettings read(Section section) {
        try (section) {
            return new OwnSettings(
                    section.bool("close_at_expiry", true),
                    section.integer("max_connections", MOST, 1, 1_000_000),
                    section.duration("request_timeout", REQUEST_TIMEOUT),
                    section.texts("jwt_svid_providers"));
        }
    }

    static OwnSettings standard() {
        return new OwnSettings(true, MOST, REQUEST_TIMEOUT, Map.of());
    }
}
