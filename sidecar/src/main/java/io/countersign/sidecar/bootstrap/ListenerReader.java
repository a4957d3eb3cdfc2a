// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.ListenerConfig.Direction;
import io.countersign.sidecar.bootstrap.ListenerConfig.FilterChain;
import io.countersign.sidecar.bootstrap.ListenerConfig.Match;
import io.countersign.sidecar.bootstrap.ListenerConfig.NetworkRbac;
import io.countersign.sidecar.bootstrap.ListenerConfig.Protocol;
import io.countersign.sidecar.bootstrap.ListenerConfig.TcpTunnel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Reads listeners. */
final class ListenerReader {
    private static final String RBAC = "envoy.extensions.filters.network.rbac.v3.RBAC";
    private static final String TCP = "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";

    private static final String INSPECTOR = "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector";

    private static final String AS_SOON_AS_KNOWN =
            "the program behind is connected to when the client's handshake is over and rules have let it in";

    private ListenerReader() {}

    /** Closes the section; empty if something in it is wrong. */
    static Optional<ListenerConfig> read(Section section, OwnSettings own) {
        try (section) {
            section.refuse("filter_chain_matcher", "write filter_chain_match into the chains");
            section.refuse("additional_addresses", "write one listener for each address");
            section.refuse("udp_listener_config", "only TCP is served");
            section.refuse("api_listener", "only TCP is served");
            section.refuse("socket_options", "the operating system's standard ones are used");
            var address = AddressReader.tcp(section, "address");
            var chains = section.sections("filter_chains").stream()
                    .flatMap(item -> chain(item, ChainMatchReader.read(item), own).stream())
                    .toList();
            var otherwise = section.section("default_filter_chain").flatMap(item -> {
                item.refuse("filter_chain_match", "this is the chain for all other connections");
                return chain(item, Match.ANY, own);
            });
            if (!section.has("filter_chains") && otherwise.isEmpty()) {
                section.problem("filter_chains", "is missing, expected at least one");
            }
            refuseDoubles(section, chains);
            var logs = AccessLogReader.read(section, "access_log");
            var name = section.string("name", "");
            return Optional.of(new ListenerConfig(
                    name.isEmpty() ? address.toString() : name,
                    address,
                    section.choice("traffic_direction", Direction.UNSPECIFIED),
                    section.bufferBytes(),
                    chains,
                    otherwise,
                    inspection(section, chains),
                    logs));
        }
    }

    /** What would be for two chains is for neither. */
    private static void refuseDoubles(Section section, List<FilterChain> chains) {
        var seen = new HashSet<List<String>>();
        for (var chain : chains) {
            for (var kind : ChainKinds.of(chain.match())) {
                if (!seen.add(kind)) {
                    section.problem("filter_chains", "has two that are for " + kind + ", expected one");
                }
            }
        }
    }

    /** How long a client may take to say which chain it wants; empty if that is not listened to. */
    private static Optional<Duration> inspection(Section section, List<FilterChain> chains) {
        var patience = section.duration("listener_filters_timeout", Duration.ofSeconds(15));
        if (section.bool("continue_on_listener_filters_timeout", false)) {
            section.problem("continue_on_listener_filters_timeout", "is true, but who says nothing is cut off");
        }
        boolean inspects = chains.stream().anyMatch(chain -> !chain.match().equals(Match.ANY));
        for (var filter : section.sections("listener_filters")) {
            try (filter) {
                filter.withoutEffect("name");
                filter.refuse("config_discovery", "write typed_config");
                filter.refuse("filter_disabled", "leave the filter out");
                var config = filter.section("typed_config");
                if (config.isEmpty()) {
                    filter.problem("typed_config", "is missing, expected " + INSPECTOR);
                    continue;
                }
                try (var typed = config.get()) {
                    inspects |= inspector(typed);
                }
            }
        }
        return inspects ? Optional.of(patience) : Optional.empty();
    }

    private static boolean inspector(Section typed) {
        if (!typed.type().equals(INSPECTOR)) {
            typed.problem("@type", "is \"" + typed.type() + "\", expected " + INSPECTOR);
            typed.ignoreRest();
            return false;
        }
        typed.refuse("enable_ja3_fingerprinting", "clients are told apart by their certificates");
        typed.refuse("enable_ja4_fingerprinting", "clients are told apart by their certificates");
        // how much is read at once
        typed.withoutEffect("initial_read_buffer_size");
        return true;
    }

    private static Optional<FilterChain> chain(Section section, Match match, OwnSettings own) {
        try (section) {
            section.withoutEffect("name");
            section.refuse("use_proxy_proto", "clients connect directly");
            section.refuse("transport_socket_connect_timeout", "a handshake has 15 s");
            var tls = TlsReader.downstream(section);
            var rbac = new ArrayList<NetworkRbac>();
            var protocols = new ArrayList<Protocol>();
            for (var filter : section.sections("filters")) {
                filter(filter, own, rbac, protocols);
            }
            if (protocols.size() != 1) {
                section.problem(
                        "filters",
                        "has " + protocols.size()
                                + " of connection manager and TCP proxy, expected one, as the last filter");
                return Optional.empty();
            }
            return Optional.of(new FilterChain(match, tls, rbac, protocols.getFirst()));
        }
    }

    private static void filter(Section filter, OwnSettings own, List<NetworkRbac> rbac, List<Protocol> protocols) {
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
                    case HttpReader.TYPE -> protocols.add(HttpReader.read(typed, own));
                    case TCP -> protocols.add(tcp(typed));
                    case RBAC -> {
                        typed.refuse("delay_deny", "who is denied is cut off at once");
                        typed.refuse("track_per_rule_stats", "only the totals are counted for connections");
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
        typed.refuse("upstream_connect_mode", AS_SOON_AS_KNOWN);
        typed.refuse("max_early_data_bytes", AS_SOON_AS_KNOWN);
        return new TcpTunnel(
                typed.required("stat_prefix"),
                typed.required("cluster"),
                typed.duration("idle_timeout", Duration.ofHours(1)),
                AccessLogReader.read(typed, "access_log"));
    }
}
