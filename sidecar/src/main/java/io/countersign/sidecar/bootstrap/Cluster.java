// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A place where requests go.
 *
 * @param observedName what numbers and logs call it
 * @param bufferBytes what a connection holds that its program has not taken yet
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
        Families families,
        Balancing balancing,
        boolean http2,
        int bufferBytes,
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

    /** Which addresses of a name are used. */
    public enum Families {
        /** Those that the operating system gives, as ALL. */
        AUTO,
        ALL,
        V4_ONLY,
        V6_ONLY,
        V4_PREFERRED;

        public List<InetAddress> of(List<InetAddress> found) {
            return switch (this) {
                case AUTO, ALL -> found;
                case V4_ONLY -> only(Inet4Address.class, found);
                case V6_ONLY -> only(Inet6Address.class, found);
                case V4_PREFERRED -> {
                    var older = only(Inet4Address.class, found);
                    yield older.isEmpty() ? found : older;
                }
            };
        }

        private static List<InetAddress> only(Class<? extends InetAddress> family, List<InetAddress> found) {
            return found.stream().filter(family::isInstance).toList();
        }
    }

    /** Which of the endpoints is next. */
    public enum Balancing {
        ROUND_ROBIN,
        /** Of two that chance names, the one with fewer requests under way. */
        LEAST_REQUEST,
        RANDOM
    }

    /**
     * @param connections how many may be open at once
     * @param pendingRequests how many may wait for a connection at once
     * @param retries how many requests may be repeated at once
     */
    public record Limits(long connections, long pendingRequests, long requests, long retries) {}
}
