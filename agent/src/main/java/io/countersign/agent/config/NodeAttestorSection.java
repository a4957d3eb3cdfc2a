// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import io.countersign.launch.FileFailure;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigBlock.LabeledBlock;
import io.countersign.launch.plugin.PluginJar;
import io.countersign.plugin.PluginContext;
import io.countersign.plugin.node.AgentNodeAttestor;
import io.countersign.workloadapi.WorkloadApiClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The block {@code NodeAttestor}, of which there may be one. */
final class NodeAttestorSection {
    private static final List<String> BUILT_IN =
            List.of("http_challenge", "join_token", "k8s_psat", "sshpop", "x509pop");
    private static final String API = "io.countersign.plugin.";
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final Path PROJECTED_TOKEN = Path.of("/var/run/secrets/tokens/spire-agent");
    private static final String HOST_KEY = "/etc/ssh/ssh_host_rsa_key";
    private static final String SOCKET = "spiffe_endpoint_socket";
    private static final int HIGHEST_PORT = 65535;

    /** What an agent without one has: its stored identity, and the token that its start may bring. */
    private static final NodeAttestorConfig NONE = new NodeAttestorConfig.JoinToken(Optional.empty());

    private NodeAttestorSection() {}

    static NodeAttestorConfig read(List<LabeledBlock> attestors, String trustDomain) {
        if (attestors.size() > 1) {
            attestors.getLast().block().problem("", "is the second one, expected a single one");
        }
        var found = NONE;
        for (var attestor : attestors) {
            found = attestor.block().has("plugin_jar") ? plugin(attestor, trustDomain) : builtIn(attestor);
        }
        return found;
    }

    private static NodeAttestorConfig builtIn(LabeledBlock plugin) {
        var data = PluginSection.data(plugin);
        return switch (plugin.label()) {
            case "join_token" -> NONE;
            case "http_challenge" -> httpChallenge(plugin, data);
            case "k8s_psat" -> k8sPsat(plugin, data);
            case "sshpop" ->
                new NodeAttestorConfig.SshPop(
                        sshFile(data, "host_key_path", HOST_KEY),
                        sshFile(data, "host_cert_path", HOST_KEY + "-cert.pub"));
            case "x509pop" -> x509Pop(plugin, data);
            default -> {
                PluginSection.refuse(
                        plugin, data, "node attestor", String.join(", ", BUILT_IN) + ", or a plugin with plugin_jar");
                yield NONE;
            }
        };
    }

    private static NodeAttestorConfig plugin(LabeledBlock attestor, String trustDomain) {
        var name = attestor.label();
        var block = attestor.block();
        var settings = PluginSection.jarData(attestor).map(ConfigBlock::values).orElse(Map.of());
        if (BUILT_IN.contains(name)) {
            block.problem(
                    "plugin_jar",
                    "is there for \"" + name + "\", expected a name that is none of " + String.join(", ", BUILT_IN));
            return NONE;
        }
        var provider =
                PluginJar.find(block, name, AgentNodeAttestor.Provider.class, API, AgentNodeAttestor.Provider::name);
        try {
            return provider.<NodeAttestorConfig>map(found ->
                            new NodeAttestorConfig.Plugin(name, found.create(new PluginContext(trustDomain, settings))))
                    .orElse(NONE);
        } catch (IllegalArgumentException e) {
            block.problem("plugin_data", String.valueOf(e.getMessage()));
            return NONE;
        }
    }

    private static NodeAttestorConfig httpChallenge(LabeledBlock plugin, Optional<ConfigBlock> data) {
        var host = data.map(block -> block.string("hostname", "")).orElse("");
        var agent = data.map(block -> block.string("agentname", "")).orElse("");
        return new NodeAttestorConfig.HttpChallenge(
                host.isEmpty() ? ownName(plugin.block()) : host,
                agent.isEmpty() ? "default" : agent,
                data.map(block -> port(block, "port")).orElse(0),
                data.map(block -> port(block, "advertised_port")).orElse(0));
    }

    private static int port(ConfigBlock data, String key) {
        int port = data.integer(key, 0);
        if (port < 0 || port > HIGHEST_PORT) {
            data.problem(key, port + " was found, expected 0 to " + HIGHEST_PORT);
        }
        return port;
    }

    private static String ownName(ConfigBlock block) {
        try {
            return Files.readString(HOST_NAME).strip();
        } catch (IOException e) {
            block.problem(
                    "plugin_data",
                    "hostname is missing, and " + HOST_NAME + " cannot be read: " + FileFailure.words(e));
            return "";
        }
    }

    private static NodeAttestorConfig k8sPsat(LabeledBlock plugin, Optional<ConfigBlock> data) {
        var cluster = data.map(block -> block.string("cluster", "")).orElse("");
        if (cluster.isEmpty()) {
            plugin.block()
                    .problem(
                            "plugin_data",
                            "cluster is missing, expected the name by which the server knows this cluster");
        }
        var token = data.map(block -> block.string("token_path", "")).orElse("");
        return new NodeAttestorConfig.K8sPsat(cluster, token.isEmpty() ? PROJECTED_TOKEN : Path.of(token));
    }

    private static Path sshFile(Optional<ConfigBlock> data, String key, String standard) {
        var path = data.map(block -> block.string(key, "")).orElse("");
        return Path.of(path.isEmpty() ? standard : path);
    }

    private static NodeAttestorConfig x509Pop(LabeledBlock plugin, Optional<ConfigBlock> data) {
        if (data.isEmpty()) {
            plugin.block()
                    .problem(
                            "plugin_data",
                            "is missing, expected private_key_path and certificate_path, or spiffe_endpoint_socket, in"
                                    + " it");
            return NONE;
        }
        var block = data.get();
        var socket = block.string(SOCKET, "");
        if (!socket.isEmpty()) {
            return x509PopSvid(block, socket);
        }
        return new NodeAttestorConfig.X509Pop(
                file(block, "private_key_path"),
                file(block, "certificate_path"),
                block.string("intermediates_path")
                        .map(String::strip)
                        .filter(path -> !path.isEmpty())
                        .map(Path::of));
    }

    private static NodeAttestorConfig x509PopSvid(ConfigBlock block, String socket) {
        for (var key : List.of("private_key_path", "certificate_path", "intermediates_path")) {
            if (!block.string(key, "").isEmpty()) {
                block.problem(key, "changes nothing beside " + SOCKET + "; remove one of them");
            }
        }
        try (var _ = WorkloadApiClient.connect(socket)) {
            return new NodeAttestorConfig.X509PopSvid(socket);
        } catch (IllegalArgumentException e) {
            block.problem(SOCKET, String.valueOf(e.getMessage()));
            return NONE;
        }
    }

    private static Path file(ConfigBlock data, String key) {
        var path = data.string(key, "");
        if (path.isEmpty()) {
            data.problem(key, "is missing, expected a pem file");
        }
        return Path.of(path);
    }
}
