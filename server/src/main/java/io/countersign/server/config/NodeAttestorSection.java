// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigBlock.LabeledBlock;
import io.countersign.launch.plugin.PluginJar;
import io.countersign.plugin.PluginContext;
import io.countersign.plugin.node.ServerNodeAttestor;
import io.countersign.server.agentpath.AgentPathTemplate;
import io.countersign.server.agentpath.AgentPathTemplate.Fields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The blocks {@code NodeAttestor}; each attestor may be there once. */
final class NodeAttestorSection {
    private static final List<String> BUILT_IN =
            List.of("http_challenge", "join_token", "k8s_psat", "sshpop", "x509pop");
    private static final Pattern PLUGIN_NAME = Pattern.compile("[A-Za-z0-9_-]+");
    private static final String API = "io.countersign.plugin.";

    private NodeAttestorSection() {}

    static List<NodeAttestorSettings> read(List<LabeledBlock> attestors, String trustDomain) {
        var found = new ArrayList<NodeAttestorSettings>();
        var names = new HashSet<String>();
        for (var attestor : attestors) {
            if (!names.add(attestor.label())) {
                attestor.block().problem("", "is there twice, expected one of that name");
            }
            (attestor.block().has("plugin_jar") ? plugin(attestor, trustDomain) : builtIn(attestor))
                    .ifPresent(found::add);
        }
        return found;
    }

    /** Nothing for join tokens, which need no settings, and where something is wrong. */
    private static Optional<? extends NodeAttestorSettings> builtIn(LabeledBlock attestor) {
        var data = PluginSection.data(attestor);
        return switch (attestor.label()) {
            case "join_token" -> Optional.empty();
            // every one of its settings has a standard
            case "http_challenge" ->
                Optional.of(data.map(HttpChallengeSection::read).orElse(HttpChallengeSection.STANDARD));
            case "k8s_psat" -> required(attestor, data).map(K8sPsatSection::read);
            case "sshpop" -> required(attestor, data).map(SshPopSection::read);
            case "x509pop" -> required(attestor, data).map(X509PopSection::read);
            default -> {
                PluginSection.refuse(
                        attestor, data, "node attestor", String.join(", ", BUILT_IN) + ", or a plugin with plugin_jar");
                yield Optional.empty();
            }
        };
    }

    /** In whose name a plugin lets nodes in, as a part of SPIFFE IDs. */
    private static Optional<NodeAttestorSettings> plugin(LabeledBlock attestor, String trustDomain) {
        var name = attestor.label();
        var block = attestor.block();
        var settings = PluginSection.jarData(attestor).map(ConfigBlock::values).orElse(Map.of());
        if (BUILT_IN.contains(name) || !PLUGIN_NAME.matcher(name).matches()) {
            block.problem(
                    "plugin_jar",
                    "is there for \"" + name + "\", expected a name of letters, digits, dashes and"
                            + " underscores that is none of " + String.join(", ", BUILT_IN));
            return Optional.empty();
        }
        var provider =
                PluginJar.find(block, name, ServerNodeAttestor.Provider.class, API, ServerNodeAttestor.Provider::name);
        try {
            return provider.map(found ->
                    new NodeAttestorSettings.Plugin(name, found.create(new PluginContext(trustDomain, settings))));
        } catch (IllegalArgumentException e) {
            block.problem("plugin_data", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static Optional<ConfigBlock> required(LabeledBlock attestor, Optional<ConfigBlock> data) {
        if (data.isEmpty()) {
            attestor.block().problem("plugin_data", "is missing, expected the settings of the attestor");
        }
        return data;
    }

    /** The setting {@code agent_path_template}. */
    static AgentPathTemplate agentPath(ConfigBlock data, String standard, Fields fields) {
        var text = data.string("agent_path_template", "");
        try {
            return AgentPathTemplate.parse(text.isEmpty() ? standard : text, fields);
        } catch (IllegalArgumentException e) {
            data.problem("agent_path_template", String.valueOf(e.getMessage()));
            return AgentPathTemplate.parse(standard, fields);
        }
    }
}
