// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import io.countersign.agent.config.AgentConfig.AttestorConfig;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import io.countersign.launch.config.ConfigBlock;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The block {@code plugins}: which of the built-in parts are used, and how. Of others, attestors can be plugged in from
 * jars; programs cannot.
 */
final class PluginSection {
    private final Optional<ConfigBlock> plugins;

    PluginSection(ConfigBlock root) {
        plugins = root.block("plugins");
        if (plugins.isEmpty()) {
            root.problem("plugins", "is missing, expected KeyManager, NodeAttestor and WorkloadAttestor in it");
        }
        plugins.ifPresent(block -> block.refuse("SVIDStore", "plugins of this type are not supported; remove it"));
    }

    /** An agent that names none has only its stored identity and the token that its start may bring. */
    NodeAttestorConfig nodeAttestor(String trustDomain) {
        return NodeAttestorSection.read(
                plugins.map(block -> block.labeledBlocks("NodeAttestor")).orElse(List.of()), trustDomain);
    }

    /** Empty if the key lives in memory only. */
    Optional<Path> keyDirectory() {
        var managers = plugins.map(block -> block.labeledBlocks("KeyManager")).orElse(List.of());
        if (managers.isEmpty()) {
            plugins.ifPresent(block -> block.problem("KeyManager", "is missing, expected disk or memory"));
            return Optional.empty();
        }
        var manager = managers.getLast();
        managers.subList(0, managers.size() - 1).forEach(each -> each.block().anyKeys());
        if (managers.size() > 1) {
            manager.block().problem("", "is the second one, expected a single one");
        }
        var data = data(manager);
        return switch (manager.label()) {
            case "memory" -> Optional.empty();
            case "disk" -> {
                var directory = data.flatMap(block -> block.string("directory")).map(Path::of);
                if (directory.isEmpty()) {
                    manager.block().problem("plugin_data", "directory is missing, expected a folder for keys.json");
                }
                yield directory;
            }
            default -> {
                refuse(manager, data, "key manager", "disk or memory");
                yield Optional.empty();
            }
        };
    }

    List<AttestorConfig> attestors(String trustDomain) {
        return WorkloadAttestorSection.read(plugins, trustDomain);
    }

    static Optional<ConfigBlock> data(ConfigBlock.LabeledBlock plugin) {
        var block = plugin.block();
        block.refuse("plugin_checksum", "programs of others are not supported; use a built-in plugin");
        block.refuse("plugin_jar", "only attestors come in jars; use a built-in plugin");
        return common(block);
    }

    /** As {@link #data}, of a plugin all of whose settings have a standard. */
    static ConfigBlock dataOrEmpty(ConfigBlock.LabeledBlock plugin) {
        return data(plugin).orElseGet(() -> plugin.block().blockOrEmpty("plugin_data"));
    }

    /** Of a plugin that comes in a jar. */
    static Optional<ConfigBlock> jarData(ConfigBlock.LabeledBlock plugin) {
        return common(plugin.block());
    }

    private static Optional<ConfigBlock> common(ConfigBlock block) {
        for (var key : List.of("plugin_cmd", "plugin_args")) {
            block.refuse(key, "programs of others are not supported; use a built-in plugin");
        }
        block.refuse("plugin_data_file", "is not supported; write plugin_data { … } here");
        if (!block.bool("enabled", true)) {
            block.problem("enabled", "is false, which is not supported; remove the plugin's block instead");
        }
        return block.block("plugin_data");
    }

    static void refuse(ConfigBlock.LabeledBlock plugin, Optional<ConfigBlock> data, String kind, String expected) {
        data.ifPresent(ConfigBlock::anyKeys);
        plugin.block()
                .problem("", "\"" + plugin.label() + "\" is no " + kind + " of this program, expected " + expected);
    }
}
