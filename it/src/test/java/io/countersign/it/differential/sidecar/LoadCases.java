// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Side.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Files of the shapes that public samples have, whole and broken, which both only read. */
final class LoadCases {
    private static final List<String> SHAPES = List.of(
            "inbound",
            "inbound-rbac",
            "outbound",
            "tcp-inbound",
            "tcp-outbound",
            "tls-only",
            "ext-authz",
            "ext-authz-jwt");

    private LoadCases() {}

    static List<Case> all(Ground ground) throws IOException {
        var cases = new ArrayList<Case>();
        for (var shape : SHAPES) {
            cases.add(load(ground, shape, SidecarDifferentialTest.resource(shape + ".yaml")));
        }
        cases.addAll(broken(ground, SidecarDifferentialTest.resource("inbound.yaml")));
        cases.addAll(authorization(ground, SidecarDifferentialTest.resource("ext-authz-jwt.yaml")));
        return List.copyOf(cases);
    }

    private static List<Case> broken(Ground ground, String whole) {
        return List.of(
                load(ground, "no node", whole.replaceFirst("(?s)^node:.*?static_resources", "static_resources")),
                load(ground, "unknown field", replaced(whole, "stat_prefix:", "stat_prefx:")),
                load(ground, "unknown field on top", whole + "\nstatic_resorces: {}\n"),
                load(ground, "unknown type", replaced(whole, "router.v3.Router", "router.v3.Ruter")),
                load(ground, "no router", whole.replaceFirst("(?s)http_filters:.*?(?=      transport_socket)", "\n")),
                load(
                        ground,
                        "agent's cluster missing",
                        replaced(whole, "cluster_name: spire_agent", "cluster_name: none")),
                load(
                        ground,
                        "route to a cluster that is missing",
                        replaced(whole, "cluster: local_service", "cluster: none")),
                load(ground, "port too large", whole.replaceFirst("port_value: [0-9]+", "port_value: 70000")),
                load(ground, "port in words", whole.replaceFirst("port_value: [0-9]+", "port_value: http")),
                load(ground, "word for a time", whole.replaceFirst("connect_timeout: 0.25s", "connect_timeout: soon")),
                load(ground, "time without a unit", whole.replaceFirst("connect_timeout: 0.25s", "connect_timeout: 1")),
                load(ground, "unknown choice", replaced(whole, "codec_type: auto", "codec_type: HTTP9")),
                load(ground, "no YAML", whole + "\n  - : [\n"),
                load(ground, "empty", ""));
    }

    private static List<Case> authorization(Ground ground, String whole) {
        return List.of(
                load(
                        ground,
                        "authorization by a cluster that is missing",
                        replaced(whole, "cluster_name: ext-authz", "cluster_name: none")),
                load(
                        ground,
                        "authorization over HTTP/1.1",
                        replaced(whole, "http2_protocol_options: {} # of the service", "")),
                load(
                        ground,
                        "authorization without a service",
                        whole.replaceFirst(
                                "(?s)grpc_service:.*?(?=\\n          - name: envoy.filters.http.router)", "")),
                load(
                        ground,
                        "authorization in the words of another version",
                        replaced(whole, "transport_api_version: V3 # of the service", "transport_api_version: V2")),
                load(
                        ground,
                        "authorization with no limit of a body",
                        replaced(
                                whole,
                                "transport_api_version: V3 # of the service",
                                "transport_api_version: V3\n"
                                        + "              with_request_body: { allow_partial_message: true }")));
    }

    private static String replaced(String text, String part, String by) {
        if (!text.contains(part)) {
            throw new IllegalArgumentException("the file has no \"" + part + "\"");
        }
        return text.replace(part, by);
    }

    private static Case load(Ground ground, String name, String text) {
        return Case.of("load: " + name, sidecar -> {
            var file = Files.writeString(Files.createTempFile(ground.folder, "load", ".yaml"), text);
            return loaded(sidecar, file);
        });
    }

    /** The words about what is wrong are each program's own. */
    private static Answer loaded(Running sidecar, Path file) throws IOException, InterruptedException {
        var outcome = Outcome.of(
                Map.of(), sidecar.side().command(Part.SIDECAR, List.of("--mode", "validate", "-c", file.toString())));
        return Answer.empty()
                .with("exit", outcome.code())
                .with("out", outcome.out().replace(file.toString(), "FILE"));
    }
}
