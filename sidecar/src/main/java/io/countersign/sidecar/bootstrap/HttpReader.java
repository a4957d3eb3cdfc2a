// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.HttpConnections.Codec;
import io.countersign.sidecar.bootstrap.HttpConnections.Paths;
import io.countersign.sidecar.bootstrap.HttpConnections.Timeouts;
import io.countersign.sidecar.rbac.Rbac;
import io.countersign.sidecar.xfcc.ForwardClientCert;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;

/** Reads HTTP connection managers. */
final class HttpReader {
    static final String TYPE = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
    private static final String RBAC = "envoy.extensions.filters.http.rbac.v3.RBAC";
    private static final String ROUTER = "envoy.extensions.filters.http.router.v3.Router";

    private enum ServerHeader {
        OVERWRITE
    }

    private HttpReader() {}

    /** Does not close the section. */
    static HttpConnections read(Section section) {
        refuseKnown(section);
        section.choice("server_header_transformation", ServerHeader.OVERWRITE);
        var filters = filters(section);
        return new HttpConnections(
                section.required("stat_prefix"),
                section.choice("codec_type", Codec.AUTO),
                timeouts(section),
                section.integer("max_request_headers_kb", 60, 1, 8192),
                section.string("server_name", "envoy"),
                section.bool("use_remote_address", false),
                section.bool("generate_request_id", true),
                new Paths(section.bool("normalize_path", false), section.bool("merge_slashes", false)),
                clientCert(section),
                filters.rbac(),
                filters.suppressEnvoyHeaders(),
                routes(section),
                AccessLogReader.read(section, "access_log"));
    }

    private static void refuseKnown(Section section) {
        section.refuse("rds", "write route_config into the file");
        section.refuse("scoped_routes", "write route_config into the file");
        section.refuse("tracing", "there is no tracing");
        section.refuse("upgrade_configs", "connections are not upgraded");
        section.refuse("local_reply_config", "this sidecar's own answers are fixed");
        section.refuse("xff_num_trusted_hops", "addresses out of headers are not trusted here");
        section.refuse("forward_client_cert_matcher", "one mode holds for all requests");
        section.refuse("access_log_options", "lines are written at the end of each request");
        section.refuse("request_mirror_policies", "requests go to one place");
    }

    private static Timeouts timeouts(Section section) {
        var idle = Duration.ofHours(1);
        var whole = Duration.ZERO;
        var common = section.section("common_http_protocol_options");
        if (common.isPresent()) {
            try (var options = common.get()) {
                idle = options.duration("idle_timeout", idle);
                whole = options.duration("max_connection_duration", whole);
                options.refuse("max_headers_count", "set max_request_headers_kb");
                options.refuse("max_stream_duration", "set the timeout of the route");
                options.refuse("max_requests_per_connection", "set max_connection_duration");
                options.refuse("headers_with_underscores_action", "they are let through");
            }
        }
        return new Timeouts(
                idle,
                whole,
                section.duration("stream_idle_timeout", Duration.ofMinutes(5)),
                section.duration("request_timeout", Duration.ZERO),
                section.duration("request_headers_timeout", Duration.ZERO));
    }

    private static ForwardClientCert clientCert(Section section) {
        var mode = section.choice("forward_client_cert_details", ForwardClientCert.Mode.SANITIZE);
        var details = EnumSet.noneOf(ForwardClientCert.Detail.class);
        section.section("set_current_client_cert_details").ifPresent(set -> {
            try (set) {
                set.refuse("format", "the header is written as text");
                for (var detail : ForwardClientCert.Detail.values()) {
                    if (set.bool(detail.name().toLowerCase(Locale.ROOT), false)) {
                        details.add(detail);
                    }
                }
            }
        });
        return new ForwardClientCert(mode, details);
    }

    private record Filters(List<Rbac> rbac, boolean suppressEnvoyHeaders) {}

    private static Filters filters(Section section) {
        var rbac = new ArrayList<Rbac>();
        boolean routed = false;
        boolean suppress = false;
        for (var filter : section.sections("http_filters")) {
            try (filter) {
                filter.withoutEffect("name");
                filter.refuse("config_discovery", "write typed_config");
                filter.refuse("disabled", "leave the filter out");
                filter.refuse("is_optional", "a filter that is not known is refused");
                if (routed) {
                    filter.problem("", "comes after the router, which must be last");
                }
                var config = filter.section("typed_config");
                if (config.isEmpty()) {
                    filter.problem("typed_config", "is missing");
                    continue;
                }
                try (var typed = config.get()) {
                    var type = typed.type();
                    switch (type) {
                        case RBAC -> rbac.add(RbacReader.read(typed));
                        case ROUTER -> {
                            routed = true;
                            suppress = router(typed);
                        }
                        default -> {
                            typed.problem("@type", "is \"" + type + "\", expected " + RBAC + " or " + ROUTER);
                            typed.ignoreRest();
                        }
                    }
                }
            }
        }
        if (!routed) {
            section.problem("http_filters", "has no router; add " + ROUTER + " as the last one");
        }
        return new Filters(rbac, suppress);
    }

    private static boolean router(Section typed) {
        typed.refuse("upstream_log", "use the access_log of the connection manager");
        typed.refuse("start_child_span", "there is no tracing");
        // more counters for retries, of which there are none
        typed.withoutEffect("dynamic_stats");
        return typed.bool("suppress_envoy_headers", false);
    }

    private static RouteTable routes(Section section) {
        var routes = section.section("route_config");
        if (routes.isEmpty()) {
            section.problem("route_config", "is missing");
            var none = new RouteTable.Headers(List.of(), List.of(), List.of(), List.of());
            return new RouteTable("", none, List.of());
        }
        return RouteReader.read(routes.get());
    }
}
