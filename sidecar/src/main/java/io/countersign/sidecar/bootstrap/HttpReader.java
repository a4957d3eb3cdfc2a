// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.HttpConnections.Codec;
import io.countersign.sidecar.bootstrap.HttpConnections.Paths;
import io.countersign.sidecar.bootstrap.HttpConnections.Timeouts;
import io.countersign.sidecar.xfcc.ForwardClientCert;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Reads HTTP connection managers. */
final class HttpReader {
    static final String TYPE = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

    /** Envoy has none; who needs longer says so, and who wants none says 0s. */
    private static final Duration HEADERS_TIMEOUT = Duration.ofSeconds(20);

    private enum ServerHeader {
        OVERWRITE
    }

    private HttpReader() {}

    /** Does not close the section. */
    static HttpConnections read(Section section, OwnSettings own) {
        refuseKnown(section);
        section.choice("server_header_transformation", ServerHeader.OVERWRITE);
        var filters = HttpFilterReader.read(section, own);
        var routes = routes(section);
        overridden(routes)
                .filter(name ->
                        filters.all().stream().noneMatch(filter -> filter.name().equals(name)))
                .distinct()
                .forEach(name -> section.problem(
                        "route_config",
                        "has typed_per_filter_config for \"" + name + "\", which is none of http_filters"));
        return new HttpConnections(
                section.required("stat_prefix"),
                section.choice("codec_type", Codec.AUTO),
                timeouts(section, own),
                section.integer("max_request_headers_kb", 60, 1, 8192),
                section.string("server_name", "envoy"),
                section.bool("use_remote_address", false),
                section.bool("generate_request_id", true),
                new Paths(section.bool("normalize_path", false), section.bool("merge_slashes", false)),
                clientCert(section),
                filters.all(),
                filters.suppressEnvoyHeaders(),
                UpgradeReader.allowed(section),
                routes,
                AccessLogReader.read(section, "access_log"));
    }

    private static void refuseKnown(Section section) {
        section.refuse("rds", "write route_config into the file");
        section.refuse("scoped_routes", "write route_config into the file");
        section.refuse("tracing", "there is no tracing");
        section.refuse("local_reply_config", "this sidecar's own answers are fixed");
        section.refuse("xff_num_trusted_hops", "addresses out of headers are not trusted here");
        section.refuse("forward_client_cert_matcher", "one mode holds for all requests");
        section.refuse("access_log_options", "lines are written at the end of each request");
        section.refuse("request_mirror_policies", "requests go to one place");
    }

    private static Timeouts timeouts(Section section, OwnSettings own) {
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
                section.duration("request_timeout", own.requestTimeout()),
                section.duration("request_headers_timeout", HEADERS_TIMEOUT));
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

    /** The names of filters of which a part of the table says something. */
    private static Stream<String> overridden(RouteTable table) {
        var hosts = table.hosts().stream()
                .flatMap(host -> Stream.concat(
                        host.filters().keySet().stream(),
                        host.routes().stream().flatMap(route -> route.filters().keySet().stream())));
        return Stream.concat(table.filters().keySet().stream(), hosts);
    }

    private static RouteTable routes(Section section) {
        var routes = section.section("route_config");
        if (routes.isEmpty()) {
            section.problem("route_config", "is missing");
            var none = new RouteTable.Headers(List.of(), List.of(), List.of(), List.of());
            return new RouteTable("", none, Map.of(), List.of());
        }
        return RouteReader.read(routes.get());
    }
}
