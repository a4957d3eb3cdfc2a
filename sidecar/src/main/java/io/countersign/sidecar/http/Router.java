// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.bootstrap.FilterOverride;
import io.countersign.sidecar.bootstrap.RouteTable;
import io.countersign.sidecar.bootstrap.RouteTable.Route;
import io.countersign.sidecar.bootstrap.RouteTable.VirtualHost;
import io.countersign.sidecar.exchange.Exchange;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Finds the route of a request: the virtual host whose domain fits best, in it the first route that matches. */
final class Router {
    private final RouteTable table;
    private final List<Domain> domains;

    /** A found route with the header changes around it, innermost first. */
    record Found(Route route, VirtualHost host, RouteTable table, List<RouteTable.Headers> headers) {
        /** For logs and for formats of headers. */
        void note(Exchange exchange, HttpService service) {
            exchange.routed(
                    route.name(),
                    route.target() instanceof RouteTable.Target.ToCluster to
                            ? service.cluster(to.cluster()).config().observedName()
                            : "");
        }

        /** What is said here about a filter. */
        FilterOverride override(String filter) {
            return Stream.of(table.filters(), host.filters(), route.filters())
                    .flatMap(level -> Optional.ofNullable(level.get(filter)).stream())
                    .reduce(FilterOverride.NONE, FilterOverride::with);
        }
    }

    private record Domain(String pattern, VirtualHost host) {
        /** Exact names first, then {@code *.suffix}, then {@code prefix.*}, then all; longer before shorter. */
        int rank() {
            if (pattern.equals("*")) {
                return 3;
            }
            return pattern.startsWith("*") ? 1 : pattern.endsWith("*") ? 2 : 0;
        }

        boolean fits(String authority) {
            return switch (rank()) {
                case 0 -> authority.equals(pattern);
                case 1 -> authority.length() >= pattern.length() && authority.endsWith(pattern.substring(1));
                case 2 ->
                    authority.length() >= pattern.length()
                            && authority.startsWith(pattern.substring(0, pattern.length() - 1));
                default -> true;
            };
        }
    }

    Router(RouteTable table) {
        this.table = table;
        Comparator<Domain> best = Comparator.comparingInt(Domain::rank);
        domains = table.hosts().stream()
                .flatMap(host ->
                        host.domains().stream().map(domain -> new Domain(domain.toLowerCase(Locale.ROOT), host)))
                .sorted(best.thenComparingInt(domain -> -domain.pattern().length()))
                .toList();
    }

    Optional<Found> route(Exchange exchange) {
        var authority = exchange.authority().toLowerCase(Locale.ROOT);
        return domains.stream()
                .filter(domain -> domain.fits(authority))
                .findFirst()
                .flatMap(domain -> routeIn(domain.host(), exchange));
    }

    private Optional<Found> routeIn(VirtualHost host, Exchange exchange) {
        var path = exchange.path().split("[?#]", 2)[0];
        return host.routes().stream()
                .filter(route -> route.path().matches(path)
                        && route.match().stream().allMatch(header -> header.matches(exchange)))
                .findFirst()
                .map(route -> new Found(route, host, table, List.of(route.headers(), host.headers(), table.headers())));
    }

    /** One kind of change at all levels, innermost first. */
    static <T> List<T> all(Found found, Function<RouteTable.Headers, List<T>> part) {
        return found.headers().stream()
                .flatMap(headers -> part.apply(headers).stream())
                .toList();
    }
}
