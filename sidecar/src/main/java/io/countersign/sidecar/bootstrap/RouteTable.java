// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.format.AddedHeader;
import io.countersign.sidecar.match.StringMatcher;
import io.countersign.sidecar.rbac.HeaderMatcher;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Which request goes where: virtual hosts by authority, then the first route that matches. */
public record RouteTable(String name, Headers headers, List<VirtualHost> hosts) {
    public RouteTable {
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

    public record VirtualHost(String name, List<String> domains, Headers headers, List<Route> routes) {
        public VirtualHost {
            domains = List.copyOf(domains);
            routes = List.copyOf(routes);
        }
    }

    /** @param prefix what {@code prefixRewrite} replaces; empty if the match is of another kind */
    public record Route(
            String name, StringMatcher path, String prefix, List<HeaderMatcher> match, Headers headers, Target target) {
        public Route {
            match = List.copyOf(match);
        }
    }

    public sealed interface Target {
        /** @param timeout from the end of the request to the end of the answer; zero switches it off */
        record ToCluster(String cluster, Duration timeout, Optional<String> prefixRewrite, Optional<String> hostRewrite)
                implements Target {}

        record Answer(int status, String body) implements Target {}
    }
}
