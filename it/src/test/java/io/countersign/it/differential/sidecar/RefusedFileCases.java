// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Side;
import io.countersign.it.process.Side.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A sound file, each time with something in it that one of the two may not want, or without something that it does. */
final class RefusedFileCases {
    private static final String METADATA = "{ filter: a, path: [ { key: b } ], value: { string_match: { exact: c } } }";
    private static final String SOURCED = "{ metadata_source: DYNAMIC, metadata_matcher: " + METADATA + " }";

    private final Ground ground;
    private final String whole;

    private RefusedFileCases(Ground ground) throws IOException {
        this.ground = ground;
        this.whole = SidecarDifferentialTest.resource("refused.yaml");
    }

    static List<Case> all(Ground ground) throws IOException {
        var cases = new RefusedFileCases(ground);
        return Stream.of(cases.sound(), cases.incomplete(), cases.settings(), cases.rules())
                .flatMap(List::stream)
                .toList();
    }

    private List<Case> sound() {
        return List.of(
                of("file: as it is", whole),
                of(
                        "file: node on the command line",
                        replaced("node: { id: compared, cluster: differential }\n", ""),
                        "--service-node",
                        "here",
                        "--service-cluster",
                        "there"));
    }

    private List<Case> incomplete() {
        return List.of(
                of("file: no prefix of counters", replaced("stat_prefix: http\n", "\n")),
                of("file: resources of no version", replaced("resource_api_version: V3", "")),
                of("file: transport of no version", replaced("transport_api_version: V3", "")),
                of(
                        "file: transport of an old version",
                        replaced("transport_api_version: V3", "transport_api_version: V2")));
    }

    private List<Case> settings() {
        return List.of(
                refused(
                        "google_grpc",
                        replaced(
                                "envoy_grpc: { cluster_name: agent }",
                                "google_grpc: { target_uri: \"unix:/tmp/agent.sock\", stat_prefix: agent }")),
                refused("respect_dns_ttl", at("cluster", "respect_dns_ttl: true")),
                refused("redirect", at("route", "- { match: { prefix: /a }, redirect: { path_redirect: /b } }")),
                refused(
                        "path_separated_prefix",
                        at("route", "- { match: { path_separated_prefix: /a }, route: { cluster: program } }")),
                refused(
                        "upstream_connect_mode",
                        at(
                                "tunnel",
                                "max_early_data_bytes: 1024\n"
                                        + "                upstream_connect_mode: ON_DOWNSTREAM_TLS_HANDSHAKE")),
                refused("max_early_data_bytes", at("tunnel", "max_early_data_bytes: 1024")),
                refused("enforcement_type", at("connection", "enforcement_type: CONTINUOUS")),
                refused("delay_deny", at("connection", "delay_deny: 1s")),
                refused("track_per_rule_stats", at("connection", "track_per_rule_stats: true")));
    }

    private List<Case> rules() {
        var cases = new ArrayList<Case>();
        for (var permission : List.of(
                "destination_ip: { address_prefix: 127.0.0.1, prefix_len: 32 }",
                "metadata: " + METADATA,
                "sourced_metadata: " + SOURCED,
                "uri_template: { name: a, typed_config: { \"@type\": type.googleapis.com/"
                        + "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig, path_template: /a } }",
                "matcher: { name: a, typed_config: { \"@type\": type.googleapis.com/"
                        + "envoy.extensions.rbac.matchers.upstream_ip_port.v3.UpstreamIpPortMatcher, "
                        + "upstream_port_range: { start: 1, end: 2 } } }")) {
            cases.add(rule("permission", permission));
        }
        for (var principal : List.of(
                "remote_ip: { address_prefix: 127.0.0.1, prefix_len: 32 }",
                "metadata: " + METADATA,
                "filter_state: { key: a, string_match: { exact: b } }",
                "sourced_metadata: " + SOURCED,
                "custom: { name: a, typed_config: { \"@type\": type.googleapis.com/"
                        + "envoy.extensions.rbac.principals.mtls_authenticated.v3.Config, "
                        + "any_validated_client_certificate: true } }")) {
            cases.add(rule("principal", principal));
        }
        return cases;
    }

    private Case rule(String place, String text) {
        var key = text.substring(0, text.indexOf(':'));
        return refused(place + " " + key, at(place, "- " + text));
    }

    /** The text at that place, whose indentation it gets. */
    private String at(String place, String text) {
        return replaced("# " + place + "\n", text + "\n");
    }

    private String replaced(String part, String by) {
        if (!whole.contains(part)) {
            throw new IllegalArgumentException("the file has no \"" + part + "\"");
        }
        return whole.replace(part, by);
    }

    private Case of(String name, String text, String... flags) {
        return Case.of(name, sidecar -> exit(validated(sidecar, text, flags)));
    }

    /** @param setting whose last word is a key that ours has to name */
    private Case refused(String setting, String text) {
        var key = setting.substring(setting.lastIndexOf(' ') + 1);
        return Case.of("file: " + setting, sidecar -> {
            var outcome = validated(sidecar, text);
            return sidecar.side() == Side.OURS
                    ? exit(outcome)
                            .with(
                                    "named",
                                    outcome.err().matches("(?s).*\\." + key + ": is (not supported: |CONTINUOUS,).*"))
                    : exit(outcome);
        });
    }

    private Outcome validated(Running sidecar, String text, String... flags) throws IOException, InterruptedException {
        var file = Files.writeString(Files.createTempFile(ground.folder, "refused", ".yaml"), text);
        var words = new ArrayList<>(List.of("--mode", "validate", "-c", file.toString()));
        words.addAll(List.of(flags));
        return Outcome.of(Map.of(), sidecar.side().command(Part.SIDECAR, words));
    }

    private static Answer exit(Outcome outcome) {
        return Answer.empty().with("exit", outcome.code());
    }
}
