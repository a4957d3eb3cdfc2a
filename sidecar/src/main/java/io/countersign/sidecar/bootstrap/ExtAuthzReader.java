// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;

/** Reads which service is asked about requests. */
final class ExtAuthzReader {
    static final String TYPE = "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz";
    private static final Duration PATIENCE = Duration.ofMillis(200);
    private static final int FORBIDDEN = 403;

    /** What is not said is V3, which is the only one that there is. */
    private enum ApiVersion {
        AUTO,
        V3
    }

    private ExtAuthzReader() {}

    /** Does not close the section. Empty if no service is named. */
    static Optional<ExtAuthz> read(Section section) {
        refuseKnown(section);
        section.choice("transport_api_version", ApiVersion.V3);
        var prefix = section.string("stat_prefix", "");
        var body = section.section("with_request_body").map(ExtAuthzReader::body);
        var failure = new ExtAuthz.Failure(
                section.bool("failure_mode_allow", false),
                section.bool("failure_mode_allow_header_add", false),
                section.section("status_on_error").map(ExtAuthzReader::status).orElse(FORBIDDEN));
        boolean certificate = section.bool("include_peer_certificate", false);
        boolean serverName = section.bool("include_tls_session", false);
        boolean reroute = section.bool("clear_route_cache", false);
        var service = section.section("grpc_service");
        if (service.isEmpty()) {
            if (!section.has("http_service")) {
                section.problem("grpc_service", "is missing");
            }
            return Optional.empty();
        }
        return Optional.of(new ExtAuthz(
                GrpcServiceReader.read(service.get(), PATIENCE),
                body,
                failure,
                certificate,
                serverName,
                reroute,
                prefix.isEmpty() ? "" : prefix + "."));
    }

    private static void refuseKnown(Section section) {
        section.refuse("http_service", "authorization services are asked over gRPC; write grpc_service");
        section.refuse("allowed_headers", "the service is told all headers");
        section.refuse("disallowed_headers", "the service is told all headers");
        section.refuse("encode_raw_headers", "headers are told as text");
        section.refuse("filter_enabled", "every request is asked about; a route can disable the filter");
        section.refuse("filter_enabled_metadata", "every request is asked about; a route can disable the filter");
        section.refuse("deny_at_disable", "use direct_response on the route");
        section.refuse("metadata_context_namespaces", "there is no dynamic metadata");
        section.refuse("typed_metadata_context_namespaces", "there is no dynamic metadata");
        section.refuse("route_metadata_context_namespaces", "routes have no metadata");
        section.refuse("route_typed_metadata_context_namespaces", "routes have no metadata");
        section.refuse("bootstrap_metadata_labels_key", "write context_extensions on the route");
        section.refuse(
                "decoder_header_mutation_rules", "the service may change all headers but those of the connection");
        section.refuse("filter_metadata", "write context_extensions on the route");
        section.refuse("emit_filter_state_stats", "read the counters");
        section.refuse("max_denied_response_body_bytes", "answers have at most 4 MiB");
        // what a service says about metadata is not listened to, as nothing here reads any
        section.withoutEffect("enable_dynamic_metadata_ingestion");
        // changes that would break a request are always an error
        section.bool("validate_mutations", true);
    }

    private static ExtAuthz.Body body(Section section) {
        try (section) {
            section.required("max_request_bytes");
            return new ExtAuthz.Body(
                    section.integer("max_request_bytes", 1, 1, 100_000_000),
                    section.bool("allow_partial_message", false),
                    section.bool("pack_as_bytes", false));
        }
    }

    /** By number, or by its words as Envoy writes them: {@code ServiceUnavailable}. */
    private static int status(Section section) {
        try (section) {
            var text = section.required("code");
            var found = IntStream.range(200, 600)
                    .filter(code -> text.equals(String.valueOf(code)) || text.equalsIgnoreCase(words(code)))
                    .findFirst();
            if (found.isEmpty()) {
                section.problem("code", "is \"" + text + "\", expected a status such as 503 or ServiceUnavailable");
            }
            return found.orElse(FORBIDDEN);
        }
    }

    private static String words(int code) {
        return HttpResponseStatus.valueOf(code).reasonPhrase().replaceAll("[^A-Za-z]", "");
    }
}
