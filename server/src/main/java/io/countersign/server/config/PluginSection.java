// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.datastore.DatabaseSettings;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigBlock.LabeledBlock;
import io.countersign.server.config.ServerConfig.Keys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The block {@code plugins}: which of the built-in parts are used, and how. Of others, node attestors can be plugged in
 * from jars; programs cannot.
 */
final class PluginSection {
    private static final List<String> UNSUPPORTED = List.of("CredentialComposer");

    private static final int HIGHEST_PORT = 65535;

    private final Path dataDir;
    private final Notices notices;
    private final Optional<ConfigBlock> plugins;

    PluginSection(ConfigBlock root, Path dataDir, Notices notices) {
        this.dataDir = dataDir;
        this.notices = notices;
        plugins = root.block("plugins");
        if (plugins.isEmpty()) {
            root.problem("plugins", "is missing, expected DataStore, KeyManager and NodeAttestor in it");
        }
        plugins.ifPresent(block ->
                UNSUPPORTED.forEach(type -> block.refuse(type, "plugins of this type are not supported; remove it")));
    }

    /** Beside join tokens, which need no settings. */
    List<NodeAttestorSettings> nodeAttestors(String trustDomain) {
        return NodeAttestorSection.read(configured("NodeAttestor"), trustDomain);
    }

    /** Where the bundle is kept beside the server. */
    List<BundleConfigMap> bundleConfigMaps() {
        var places = new ArrayList<>(NotifierSection.read(configured("Notifier")));
        places.addAll(PublisherSection.read(configured("BundlePublisher"), notices));
        return places;
    }

    DatabaseSettings database() {
        var stores = configured("DataStore");
        if (stores.isEmpty()) {
            missing("DataStore", "DataStore \"sql\" { plugin_data { … } }");
            return new DatabaseSettings.Sqlite(dataDir);
        }
        return DatastoreSection.read(last(stores, "expected a single one"), dataDir, notices);
    }

    Keys keys() {
        return KeyManagerSection.read(plugins, configured("KeyManager"), dataDir);
    }

    /** Nothing where the server's authorities vouch for themselves. */
    Optional<UpstreamSettings> upstream() {
        var authorities = configured("UpstreamAuthority");
        if (authorities.isEmpty()) {
            return Optional.empty();
        }
        var authority = last(authorities, "expected one or none");
        var data = data(authority);
        if (!List.of("disk", "spire").contains(authority.label())) {
            refuse(authority, data, "upstream authority", "disk or spire");
            return Optional.empty();
        }
        if (data.isEmpty()) {
            authority.block().problem("plugin_data", "is missing, expected the settings of the upstream authority");
            return Optional.empty();
        }
        return Optional.of(authority.label().equals("disk") ? disk(data.get()) : spire(data.get()));
    }

    private static UpstreamSettings disk(ConfigBlock data) {
        return new UpstreamSettings.Disk(
                Path.of(required(data, "cert_file_path")),
                Path.of(required(data, "key_file_path")),
                data.string("bundle_file_path").map(Path::of));
    }

    private static UpstreamSettings spire(ConfigBlock data) {
        data.block("experimental")
                .ifPresent(block -> List.of("workload_api_named_pipe_name", "require_pq_kem")
                        .forEach(key -> block.refuse(key, "is not supported; remove it")));
        int port = data.integer("server_port", 0);
        if (!data.has("server_port")) {
            data.problem("server_port", "is missing");
        } else if (port < 1 || port > HIGHEST_PORT) {
            data.problem(
                    "server_port",
                    "\"" + data.string("server_port", "") + "\" is no port, expected 1 to " + HIGHEST_PORT);
        }
        return new UpstreamSettings.Spire(
                required(data, "server_address"), port, Path.of(required(data, "workload_api_socket")));
    }

    private static String required(ConfigBlock data, String key) {
        var text = data.string(key, "");
        if (text.isEmpty()) {
            data.problem(key, "is missing");
        }
        return text;
    }

    private List<LabeledBlock> configured(String type) {
        return plugins.map(block -> block.labeledBlocks(type)).orElse(List.of());
    }

    private void missing(String type, String expected) {
        plugins.ifPresent(block -> block.problem(type, "is missing, expected " + expected));
    }

    /** Of several, which is noted, nobody looks into the ones before. */
    static LabeledBlock last(List<LabeledBlock> plugins, String expected) {
        var last = plugins.getLast();
        if (plugins.size() > 1) {
            plugins.subList(0, plugins.size() - 1).forEach(each -> each.block().anyKeys());
            last.block().problem("", "is the second one, " + expected);
        }
        return last;
    }

    static Optional<ConfigBlock> data(LabeledBlock plugin) {
        var block = plugin.block();
        block.refuse("plugin_checksum", "programs of others are not supported; use a built-in plugin");
        block.refuse("plugin_jar", "only node attestors come in jars; use a built-in plugin");
        return common(block);
    }

    /** Of a plugin that comes in a jar. */
    static Optional<ConfigBlock> jarData(LabeledBlock plugin) {
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

    static void refuse(LabeledBlock plugin, Optional<ConfigBlock> data, String kind, String expected) {
        data.ifPresent(ConfigBlock::anyKeys);
        plugin.block()
                .problem("", "\"" + plugin.label() + "\" is no " + kind + " of this program, expected " + expected);
    }
}
