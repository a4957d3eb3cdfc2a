// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.X509Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** An agent that is a process of its own, for what is decided when Java starts; it ends with the test. */
final class AgentProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Process process;
    private final WorkloadApiClient client;

    private AgentProcess(Process process, WorkloadApiClient client) {
        this.process = process;
        this.client = client;
    }

    /**
     * Starts one with the join token {@code token}.
     *
     * @param server its address
     * @param trust the lines of agent.conf by which it trusts the server
     * @param options of Java
     */
    static AgentProcess start(
            Path folder, String server, int port, String trust, List<String> options, Map<String, String> environment)
            throws IOException {
        var socket = folder.resolve("agent.sock");
        var config = Files.writeString(
                folder.resolve("agent.conf"), """
                agent {
                  server_address = "%s"
                  server_port = %d
                  trust_domain = "example.org"
                  data_dir = "%s"
                  socket_path = "%s"
                  join_token = "token"
                  %s
                  experimental { sync_interval = "200ms" }
                }
                plugins {
                  KeyManager "memory" { plugin_data {} }
                  NodeAttestor "join_token" { plugin_data {} }
                  WorkloadAttestor "unix" { plugin_data {} }
                }
                """.formatted(server, port, folder.resolve("data"), socket, trust));
        var builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AgentMain.class.getName(),
                        "run",
                        "-config",
                        config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("agent.log").toFile());
        builder.command().addAll(1, options);
        builder.environment().putAll(environment);
        var process = builder.start();
        return new AgentProcess(process, WorkloadApiClient.connect(socket.toString(), PATIENCE));
    }

    /** What a program gets; waits for the first. */
    X509Source source() throws InterruptedException {
        return X509Source.open(client, PATIENCE);
    }

    @Override
    public void close() throws InterruptedException {
        client.close();
        process.destroyForcibly().waitFor();
    }
}
