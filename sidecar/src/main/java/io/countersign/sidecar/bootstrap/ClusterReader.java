// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.Cluster.Balancing;
import io.countersign.sidecar.bootstrap.Cluster.Discovery;
import io.countersign.sidecar.bootstrap.Cluster.Families;
import io.countersign.sidecar.bootstrap.Cluster.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads clusters. */
final class ClusterReader {
    private static final String HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    private static final String STANDARD_PRIORITY = "DEFAULT";

    private ClusterReader() {}

    /** Closes the section. */
    static Cluster read(Section section) {
        try (section) {
            refuseKnown(section);
            var name = section.required("name");
            var discovery = section.choice("type", Discovery.STATIC);
            var protocol = protocol(section);
            var endpoints = endpoints(section);
            if (discovery == Discovery.STATIC) {
                endpoints.forEach(address -> {
                    if (address instanceof Address.Tcp tcp
                            && RbacReader.literal(tcp.host()).isEmpty()) {
                        section.problem(
                                "load_assignment",
                                "has the endpoint " + tcp + ", expected an IP address; set type: STRICT_DNS for names");
                    }
                });
            }
            if (discovery == Discovery.LOGICAL_DNS && endpoints.size() != 1) {
                section.problem("load_assignment", "has " + endpoints.size() + " endpoints, LOGICAL_DNS takes one");
            }
            return new Cluster(
                    name,
                    section.string("alt_stat_name")
                            .filter(text -> !text.isEmpty())
                            .orElse(name),
                    discovery,
                    endpoints,
                    section.duration("connect_timeout", Duration.ofSeconds(5)),
                    protocol.idle(),
                    section.duration("dns_refresh_rate", Duration.ofSeconds(5)),
                    section.choice("dns_lookup_family", Families.AUTO),
                    section.choice("lb_policy", Balancing.ROUND_ROBIN),
                    protocol.http2(),
                    section.bufferBytes(),
                    limits(section),
                    HealthCheckReader.read(section, name),
                    panicPercent(section),
                    TlsReader.upstream(section));
        }
    }

    private static void refuseKnown(Section section) {
        section.refuse("outlier_detection", "write health_checks, which take endpoints out of use and back");
        section.refuse("eds_cluster_config", "write load_assignment into the file");
        section.refuse("cluster_type", "set type to STATIC, STRICT_DNS or LOGICAL_DNS");
        section.refuse("transport_socket_matches", "write one transport_socket");
        section.refuse("hosts", "write load_assignment");
        section.refuse("tls_context", "write transport_socket");
        section.refuse("respect_dns_ttl", "set dns_refresh_rate");
        section.refuse("upstream_connection_options", "the operating system's standard ones are used");
        section.refuse("max_requests_per_connection", "set idle_timeout");
    }

    private record ProtocolOptions(boolean http2, Duration idle) {}

    private static ProtocolOptions protocol(Section section) {
        boolean http2 = false;
        var idle = Duration.ofHours(1);
        var old = section.section("http2_protocol_options");
        if (old.isPresent()) {
            http2(old.get());
            http2 = true;
        }
        var oldIdle = section.section("common_http_protocol_options");
        if (oldIdle.isPresent()) {
            idle = idle(oldIdle.get(), idle);
        }
        for (var entry : section.named("typed_extension_protocol_options").entrySet()) {
            try (var typed = entry.getValue()) {
                if (!typed.type().equals(HTTP_OPTIONS)) {
                    typed.problem("@type", "is not supported, expected " + HTTP_OPTIONS);
                    typed.ignoreRest();
                    continue;
                }
                typed.refuse("use_downstream_protocol_config", "write explicit_http_config");
                typed.refuse("auto_config", "write explicit_http_config");
                var explicit = typed.section("explicit_http_config");
                if (explicit.isPresent()) {
                    http2 = explicit(explicit.get());
                }
                var common = typed.section("common_http_protocol_options");
                if (common.isPresent()) {
                    idle = idle(common.get(), idle);
                }
            }
        }
        return new ProtocolOptions(http2, idle);
    }

    private static boolean explicit(Section section) {
        try (section) {
            section.refuse("http3_protocol_options", "HTTP/1.1 and HTTP/2 are spoken");
            section.section("http_protocol_options").ifPresent(Section::close);
            var http2 = section.section("http2_protocol_options");
            http2.ifPresent(ClusterReader::http2);
            return http2.isPresent();
        }
    }

    private static void http2(Section options) {
        try (options) {
            options.refuse("connection_keepalive", "broken connections are found when they are used");
        }
    }

    private static Duration idle(Section options, Duration standard) {
        try (options) {
            return options.duration("idle_timeout", standard);
        }
    }

    private static int panicPercent(Section section) {
        int percent = 50;
        var balancing = section.section("common_lb_config");
        if (balancing.isPresent()) {
            try (var common = balancing.get()) {
                common.refuse("zone_aware_lb_config", "all endpoints are used alike");
                common.refuse("locality_weighted_lb_config", "all endpoints are used alike");
                common.refuse("consistent_hashing_lb_config", "all endpoints are used alike");
                common.refuse("override_host_status", "all endpoints are used alike");
                common.refuse("update_merge_window", "changes take effect at once");
                common.refuse("ignore_new_hosts_until_first_hc", "new endpoints are used when they are healthy");
                common.refuse("close_connections_on_host_set_change", "connections end as they are");
                var panic = common.section("healthy_panic_threshold");
                if (panic.isPresent()) {
                    try (var value = panic.get()) {
                        percent = value.integer("value", 0, 0, 100);
                    }
                }
            }
        }
        return percent;
    }

    private static Limits limits(Section section) {
        long connections = 1024;
        long pending = 1024;
        long requests = 1024;
        long retries = 3;
        var breakers = section.section("circuit_breakers");
        if (breakers.isPresent()) {
            try (var inner = breakers.get()) {
                var thresholds = inner.sections("thresholds");
                if (thresholds.size() > 1) {
                    inner.problem("thresholds", "has " + thresholds.size() + " items, expected one");
                }
                for (var threshold : thresholds) {
                    try (threshold) {
                        threshold.refuse("retry_budget", "set max_retries");
                        threshold.refuse("max_connection_pools", "there is one pool");
                        onlyPriority(threshold);
                        connections = threshold.unsigned("max_connections", connections);
                        retries = threshold.unsigned("max_retries", retries);
                        pending = threshold.unsigned("max_pending_requests", pending);
                        requests = threshold.unsigned("max_requests", requests);
                    }
                }
            }
        }
        return new Limits(connections, pending, requests, retries);
    }

    private static void onlyPriority(Section threshold) {
        var priority = threshold.string("priority", STANDARD_PRIORITY);
        if (!priority.equalsIgnoreCase(STANDARD_PRIORITY)) {
            threshold.problem(
                    "priority",
                    "is \"" + priority + "\", expected " + STANDARD_PRIORITY
                            + "; remove this item, as no route here has another priority");
        }
    }

    private static List<Address> endpoints(Section section) {
        var result = new ArrayList<Address>();
        var assignment = section.section("load_assignment");
        if (assignment.isEmpty()) {
            section.problem("load_assignment", "is missing");
            return result;
        }
        try (var inner = assignment.get()) {
            // need not be the cluster's own name, and nothing looks for it
            inner.withoutEffect("cluster_name");
            inner.refuse("policy", "all endpoints are used alike");
            for (var locality : inner.sections("endpoints")) {
                try (locality) {
                    locality.refuse("priority", "all endpoints are used alike");
                    for (var host : locality.sections("lb_endpoints")) {
                        endpoint(host, result);
                    }
                }
            }
        }
        if (result.isEmpty()) {
            section.problem("load_assignment", "has no endpoint");
        }
        return result;
    }

    private static void endpoint(Section host, List<Address> result) {
        try (host) {
            host.refuse("load_balancing_weight", "all endpoints are used alike");
            var endpoint = host.section("endpoint");
            if (endpoint.isEmpty()) {
                host.problem("endpoint", "is missing");
                return;
            }
            try (var inner = endpoint.get()) {
                inner.refuse("health_check_config", "endpoints are asked at their own address and port");
                inner.refuse("hostname", "the address is used");
                result.add(AddressReader.any(inner, "address"));
            }
        }
    }
}
