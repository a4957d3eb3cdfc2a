// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.format.AddedHeader;
import io.countersign.sidecar.match.StringMatcher;
import io.countersign.sidecar.rbac.HeaderMatcher;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which request goes where: virtual hosts by authority, then the first route that matches.
 * What {@code filters} say at each level is by the name of the filter.
 */
public record RouteTable(String name, Headers headers, Map<String, FilterOverride> filters, List<VirtualHost> hosts) {
    public RouteTable {
        filters = Map.copyOf(filters);
        hosts = List.copyOf(hosts);
    }

    /** Names of headers to remove are in lower case. */
    public record Headers(
            List<AddedHeader> addToRequest,
            List<String> removeFromRequest,
            List<AddedHeader> addToResponse,
            List<String> removeFromResponse) {
        public Headers {
            addToRequest = List.copyOf(addToRequest);
            removeFromRequest = List.copyOf(removeFromRequest);
            addToResponse = List.copyOf(addToResponse);
            removeFromResponse = List.copyOf(removeFromResponse);
        }
    }

    /**
     * @param countToUpstream whether the upstream is told how often the request was sent
     * @param countToClient whether the client is
     */
    public record VirtualHost(
            String name,
            List<String> domains,
            Headers headers,
            Map<String, FilterOverride> filters,
            boolean countToUpstream,
            boolean countToClient,
            List<Route> routes) {
        public VirtualHost {
            domains = List.copyOf(domains);
            filters = Map.copyOf(filters);
            routes = List.copyOf(routes);
        }
    }

    /** @param prefix what {@code prefixRewrite} replaces; empty if the match is of another kind */
    public record Route(
            String name,
            StringMatcher path,
            String prefix,
            List<HeaderMatcher> match,
            Headers headers,
            Map<String, FilterOverride> filters,
            Target target) {
        public Route {
            filters = Map.copyOf(filters);
            match = List.copyOf(match);
        }
    }

    public sealed interface Target {
        /**
         * @param timeout from the end of the request to the end of the answer; zero switches it off
         * @param upgrades what this route says of protocols that a connection may change to, in lower case
         */
        record ToCluster(
                String cluster,
                Duration timeout,
                Optional<String> prefixRewrite,
                Optional<String> hostRewrite,
                Optional<RetryPolicy> retry,
                Map<String, Boolean> upgrades)
                implements Target {
            public ToCluster {
                upgrades = Map.copyOf(upgrades);
            }
        }

        record Answer(int status, String body) implements Target {}
    }
}
