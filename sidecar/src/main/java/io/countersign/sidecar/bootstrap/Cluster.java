// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A place where requests go. */
public record Cluster(
        String name,
        Discovery discovery,
        List<Address> endpoints,
        Duration connectTimeout,
        Duration idleTimeout,
        Duration dnsRefreshRate,
        boolean http2,
        Limits limits,
        Optional<TlsSettings.Upstream> tls) {
    public Cluster {
        endpoints = List.copyOf(endpoints);
    }

    public enum Discovery {
        STATIC,
        /** Every address that the name has is an endpoint. */
        STRICT_DNS,
        /** Only the first address is. */
        LOGICAL_DNS
    }

    /** @param pendingRequests how many may wait for a connection at once */
    public record Limits(int pendingRequests, int requests) {}
}
