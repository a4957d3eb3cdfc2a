// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import io.countersign.it.process.Await;
import io.countersign.it.process.Daemon;
import io.countersign.it.process.Side;
import io.countersign.it.process.Side.Part;
import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.WorkloadApiException;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Two servers on one PostgreSQL, and agents that reach both by one address. Every certificate of a workload lives a minute. */
final class Twins implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<Replica> servers = new ArrayList<>();
    private final List<String> nodes = new ArrayList<>();
    private final List<Path> sockets = new ArrayList<>();
    private final Path folder;

    private Twins(Path folder) {
        this.folder = folder;
    }

    /** @param connection to the database, in the words of a configuration file */
    static Twins start(String connection, int agents) throws Exception {
        var twins = new Twins(RunningSystem.newFolder());
        try {
            twins.startAll(connection, agents);
            return twins;
        } catch (Exception | AssertionError e) {
            twins.close();
            throw e;
        }
    }

    private void startAll(String connection, int agents) throws Exception {
        for (var name : List.of("one", "two")) {
            servers.add(opened(Replica.start(folder.resolve(name), connection)));
        }
        Await.until(
                PATIENCE,
                "the servers do not know each other's authorities",
                () -> servers.stream().allMatch(server -> server.bundle().getX509AuthoritiesCount() == servers.size()));
        var forwarder =
                opened(Forwarder.start(servers.stream().map(Replica::port).toList()));
        for (int i = 0; i < agents; i++) {
            startAgent("agent" + i, forwarder.port());
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        parts.push(part);
        return part;
    }

    private void startAgent(String name, int port) throws Exception {
        var home = Files.createDirectories(folder.resolve(name));
        var socket = home.resolve("agent.sock");
        var bundle =
                Files.writeString(home.resolve("bundle.pem"), servers.getLast().command("bundle", "show"));
        var config = Files.writeString(
                home.resolve("agent.conf"), """
                agent {
                  data_dir = "%1$s"
                  log_level = "INFO"
                  server_address = "127.0.0.1"
                  server_port = %2$d
                  socket_path = "%3$s"
                  trust_bundle_path = "%4$s"
                  trust_domain = "%5$s"
                }
                plugins {
                  KeyManager "memory" { plugin_data {} }
                  NodeAttestor "join_token" { plugin_data {} }
                  WorkloadAttestor "unix" { plugin_data {} }
                }
                """.formatted(home, port, socket, bundle, Replica.TRUST_DOMAIN));
        var token = servers.getFirst().command("token", "generate").split("\\s+", -1)[1];
        opened(Daemon.startReady(
                home.resolve("agent.log"),
                Side.OURS.command(Part.AGENT, List.of("run", "-config", config.toString(), "-joinToken", token)),
                () -> Files.exists(socket) && isServing(socket)));
        sockets.add(socket);
        nodes.add("/spire/agent/join_token/" + token);
    }

    private static boolean isServing(Path socket) {
        try (var client = WorkloadApiClient.connect("unix://" + socket, Duration.ofSeconds(20))) {
            client.fetchX509Bundles();
            return true;
        } catch (WorkloadApiException e) {
            return e.code() == Status.Code.PERMISSION_DENIED;
        }
    }

    List<Replica> servers() {
        return servers;
    }

    /** The paths of the nodes' own identities. */
    List<String> nodes() {
        return nodes;
    }

    /** Of the agents, one for each node. */
    List<Path> sockets() {
        return sockets;
    }

    /** What an entry for this process needs, without its type {@code unix}. */
    String selector() throws Exception {
        return "uid:" + Files.getAttribute(folder, "unix:uid");
    }

    @Override
    public void close() throws Exception {
        while (!parts.isEmpty()) {
            parts.pop().close();
        }
        new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
    }
}
