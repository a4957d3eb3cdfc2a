// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import io.countersign.agent.config.AgentConfig.AttestorConfig;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigBlock.LabeledBlock;
import io.countersign.launch.plugin.PluginJar;
import io.countersign.plugin.PluginContext;
import io.countersign.plugin.workload.WorkloadAttestor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The blocks {@code WorkloadAttestor}, of which there is at least one, and each once. */
final class WorkloadAttestorSection {
    private static final List<String> BUILT_IN = List.of("docker", "jvm", "k8s", "systemd", "unix");
    private static final String EXPECTED = String.join(", ", BUILT_IN) + ", or a plugin with plugin_jar";
    private static final String API = "io.countersign.plugin.";

    private WorkloadAttestorSection() {}

    static List<AttestorConfig> read(Optional<ConfigBlock> plugins, String trustDomain) {
        var found = new ArrayList<AttestorConfig>();
        var names = new HashSet<String>();
        var attestors =
                plugins.map(block -> block.labeledBlocks("WorkloadAttestor")).orElse(List.of());
        for (var attestor : attestors) {
            if (!names.add(attestor.label())) {
                attestor.block().problem("", "is there twice, expected one of that name");
            }
            var config = attestor.block().has("plugin_jar") ? plugin(attestor, trustDomain) : builtIn(attestor);
            config.ifPresent(found::add);
        }
        if (attestors.isEmpty()) {
            plugins.ifPresent(block -> block.problem("WorkloadAttestor", "is missing, expected " + EXPECTED));
        }
        return found;
    }

    private static Optional<AttestorConfig> builtIn(LabeledBlock plugin) {
        return switch (plugin.label()) {
            case "unix" -> {
                var data = PluginSection.dataOrEmpty(plugin);
                yield Optional.of(new AttestorConfig.Unix(
                        data.bool("discover_workload_path", false), data.longInteger("workload_size_limit", 0)));
            }
            case "jvm" ->
                Optional.of(
                        new AttestorConfig.Jvm(PluginSection.dataOrEmpty(plugin).bool("allow_claims_alone", false)));
            case "docker" -> Optional.of(DockerConfig.read(plugin));
            case "k8s" -> Optional.of(KubernetesConfig.read(plugin));
            case "systemd" -> {
                PluginSection.dataOrEmpty(plugin);
                yield Optional.of(new AttestorConfig.Systemd());
            }
            default -> {
                PluginSection.refuse(plugin, PluginSection.data(plugin), "workload attestor", EXPECTED);
                yield Optional.empty();
            }
        };
    }

    private static Optional<AttestorConfig> plugin(LabeledBlock attestor, String trustDomain) {
        var name = attestor.label();
        var block = attestor.block();
        var settings = PluginSection.jarData(attestor).map(ConfigBlock::values).orElse(Map.of());
        if (BUILT_IN.contains(name)) {
            block.problem(
                    "plugin_jar",
                    "is there for \"" + name + "\", expected a name that is none of " + String.join(", ", BUILT_IN));
            return Optional.empty();
        }
        var provider =
                PluginJar.find(block, name, WorkloadAttestor.Provider.class, API, WorkloadAttestor.Provider::name);
        try {
            return provider.map(
                    found -> new AttestorConfig.Plugin(name, found.create(new PluginContext(trustDomain, settings))));
        } catch (IllegalArgumentException e) {
            block.problem("plugin_data", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
