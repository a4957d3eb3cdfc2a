// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A place where requests go.
 *
 * @param observedName what numbers and logs call it
 * @param panicPercent if fewer endpoints than this are healthy, all are used
 */
public record Cluster(
        String name,
        String observedName,
        Discovery discovery,
        List<Address> endpoints,
        Duration connectTimeout,
        Duration idleTimeout,
        Duration dnsRefreshRate,
        boolean http2,
        Limits limits,
        Optional<HealthCheck> health,
        int panicPercent,
        Optional<TlsSettings.Upstream> tls) {
    public Cluster {
        endpoints = List.copyOf(endpoints);
    }

    /** What the names of its numbers begin with; a colon would end the name on the admin pages. */
    public String stat() {
        return "cluster." + observedName.replace(':', '_') + ".";
    }

    public enum Discovery {
        STATIC,
        /** Every address that the name has is an endpoint. */
        STRICT_DNS,
        /** Only the first address is. */
        LOGICAL_DNS
    }

    /**
     * @param connections how many may be open at once
     * @param pendingRequests how many may wait for a connection at once
     * @param retries how many requests may be repeated at once
     */
    public record Limits(long connections, long pendingRequests, long requests, long retries) {}
}
