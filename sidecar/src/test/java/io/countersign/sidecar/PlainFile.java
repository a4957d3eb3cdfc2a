// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import java.util.Arrays;
import java.util.stream.Collectors;

/** A file without TLS: one listener {@code outbound}, one route, one cluster {@code app}. */
final class PlainFile {
    private PlainFile() {}

    /**
     * @param route fields of the route's action, beside its cluster
     * @param cluster fields of the cluster
     * @param ports of its endpoints
     */
    static String of(String route, String cluster, int... ports) {
        var endpoints = Arrays.stream(ports)
                .mapToObj("{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}"::formatted)
                .collect(Collectors.joining(", "));
        return """
                node: {id: x, cluster: y}
                admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
                static_resources:
                  listeners:
                  - name: outbound
                    address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                    filter_chains:
                    - filters:
                      - name: http
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                          stat_prefix: out
                          route_config:
                            virtual_hosts:
                            - name: all
                              domains: ["*"]
                              routes:
                              - match: {prefix: "/"}
                                route: {cluster: app, %s}
                          http_filters:
                          - name: router
                            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
                  clusters:
                  - name: app
                    type: STATIC
                    %s
                    load_assignment:
                      cluster_name: app
                      endpoints: [{lb_endpoints: [%s]}]
                """.formatted(route, cluster, endpoints);
    }
}
