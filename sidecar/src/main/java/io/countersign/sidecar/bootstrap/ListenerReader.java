// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.ListenerConfig.NetworkRbac;
import io.countersign.sidecar.bootstrap.ListenerConfig.Protocol;
import io.countersign.sidecar.bootstrap.ListenerConfig.TcpTunnel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads listeners. */
final class ListenerReader {
    private static final String RBAC = "envoy.extensions.filters.network.rbac.v3.RBAC";
    private static final String TCP = "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";

    private enum Direction {
        UNSPECIFIED,
        INBOUND,
        OUTBOUND
    }

    private ListenerReader() {}

    /** Closes the section; empty if something in it is wrong. */
    static Optional<ListenerConfig> read(Section section) {
        try (section) {
            section.refuse("listener_filters", "connections are taken as they come");
            section.refuse("filter_chain_matcher", "write one filter chain");
            section.refuse("default_filter_chain", "write one filter chain");
            section.refuse("additional_addresses", "write one listener for each address");
            section.refuse("udp_listener_config", "only TCP is served");
            section.refuse("api_listener", "only TCP is served");
            section.refuse("socket_options", "the operating system's standard ones are used");
            // tells tracing which way the traffic goes
            section.choice("traffic_direction", Direction.UNSPECIFIED);
            var address = AddressReader.tcp(section, "address");
            var chains = section.sections("filter_chains");
            if (chains.size() != 1) {
                section.problem("filter_chains", "has " + chains.size() + " items, expected one");
                return Optional.empty();
            }
            var logs = AccessLogReader.read(section, "access_log");
            var name = section.string("name", "");
            return chain(chains.getFirst(), address, name.isEmpty() ? address.toString() : name, logs);
        }
    }

    private static Optional<ListenerConfig> chain(
            Section section, Address.Tcp address, String name, List<AccessLog> logs) {
        try (section) {
            section.withoutEffect("name");
            section.section("filter_chain_match").ifPresent(match -> {
                // one that demands nothing is as good as none
                match.close();
            });
            section.refuse("use_proxy_proto", "clients connect directly");
            section.refuse("transport_socket_connect_timeout", "a handshake has 15 s");
            var tls = TlsReader.downstream(section);
            var rbac = new ArrayList<NetworkRbac>();
            var protocols = new ArrayList<Protocol>();
            for (var filter : section.sections("filters")) {
                filter(filter, rbac, protocols);
            }
            if (protocols.size() != 1) {
                section.problem(
                        "filters",
                        "has " + protocols.size()
                                + " of connection manager and TCP proxy, expected one, as the last filter");
                return Optional.empty();
            }
            return Optional.of(new ListenerConfig(name, address, tls, rbac, protocols.getFirst(), logs));
        }
    }

    private static void filter(Section filter, List<NetworkRbac> rbac, List<Protocol> protocols) {
        try (filter) {
            filter.withoutEffect("name");
            var config = filter.section("typed_config");
            if (config.isEmpty()) {
                filter.problem("typed_config", "is missing");
                return;
            }
            try (var typed = config.get()) {
                var type = typed.type();
                switch (type) {
                    case HttpReader.TYPE -> protocols.add(HttpReader.read(typed));
                    case TCP -> protocols.add(tcp(typed));
                    case RBAC -> {
                        typed.refuse("delay_deny", "who is denied is cut off at once");
                        if (typed.string("enforcement_type", "ONE_TIME_ON_FIRST_BYTE")
                                .equalsIgnoreCase("CONTINUOUS")) {
                            typed.problem("enforcement_type", "is CONTINUOUS, but connections are judged once");
                        }
                        rbac.add(new NetworkRbac(typed.required("stat_prefix"), RbacReader.read(typed)));
                    }
                    default -> {
                        typed.problem(
                                "@type",
                                "is \"" + type + "\", expected " + HttpReader.TYPE + ", " + TCP + " or " + RBAC);
                        typed.ignoreRest();
                    }
                }
            }
        }
    }

    private static TcpTunnel tcp(Section typed) {
        typed.refuse("weighted_clusters", "name one cluster");
        typed.refuse("tunneling_config", "bytes are carried as they are");
        typed.refuse("hash_policy", "endpoints are used in turn");
        typed.refuse("max_connect_attempts", "one attempt is made");
        typed.refuse("access_log_options", "lines are written at the end of each connection");
        return new TcpTunnel(
                typed.required("stat_prefix"),
                typed.required("cluster"),
                typed.duration("idle_timeout", Duration.ofHours(1)),
                AccessLogReader.read(typed, "access_log"));
    }
}
