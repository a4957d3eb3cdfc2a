// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import io.countersign.it.process.Await;
import io.countersign.it.process.Daemon;
import io.countersign.it.process.FreePort;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Side;
import io.countersign.it.process.Side.Part;
import io.countersign.spiffe.TrustDomain;
import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.X509Context;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** A trust domain of one side on this machine: a server with a bundle endpoint, and an agent with this test as workload. */
final class FederatedDomain implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final TrustDomain name;
    final int endpointPort = FreePort.find();

    private final Side side;
    private final Path folder;
    private final int port = FreePort.find();
    private final Deque<Daemon> running = new ArrayDeque<>();

    /** @param folder of this trust domain alone; a short path, as sockets want it */
    FederatedDomain(Side side, String name, Path folder) throws IOException {
        this.side = side;
        this.name = new TrustDomain(name);
        this.folder = Files.createDirectories(folder);
    }

    /** @param federation what stands in {@code federation} beside the bundle endpoint */
    void startServer(String federation) throws Exception {
        var config = folder.resolve("server.conf");
        Files.writeString(config, """
                server {
                    bind_address = "127.0.0.1"
                    bind_port = "%d"
                    trust_domain = "%s"
                    data_dir = "%s"
                    socket_path = "%s/api.sock"
                    federation {
                        bundle_endpoint {
                            address = "127.0.0.1"
                            port = %d
                            profile "https_spiffe" {}
                        }
                        %s
                    }
                }
                plugins {
                    DataStore "sql" {
                        plugin_data { database_type = "sqlite3"  connection_string = "%s/datastore.sqlite3" }
                    }
                    KeyManager "memory" { plugin_data {} }
                    NodeAttestor "join_token" { plugin_data {} }
                }
                """.formatted(port, name, folder, folder, endpointPort, federation, folder));
        running.push(Daemon.startReady(
                folder.resolve("server.log"),
                side.command(Part.SERVER, List.of("run", "-config", config.toString())),
                () -> run("healthcheck").code() == 0));
    }

    /** How the server of the other domain names this one's endpoint. */
    String asFederatesWith() {
        return """
                federates_with "%s" {
                    bundle_endpoint_url = "https://localhost:%d"
                    bundle_endpoint_profile "https_spiffe" { endpoint_spiffe_id = "spiffe://%s/spire/server" }
                }
                """.formatted(name, endpointPort, name);
    }

    /** A command of the server, given to it. */
    Outcome run(String... words) throws Exception {
        var all = new ArrayList<>(List.of(words));
        all.addAll(List.of("-socketPath", folder.resolve("api.sock").toString()));
        return Outcome.of(Map.of(), side.command(Part.SERVER, all));
    }

    /** What it has said, if it went well. */
    String done(String... words) throws Exception {
        var outcome = run(words);
        if (outcome.code() != 0) {
            throw new AssertionError(String.join(" ", words) + ": " + outcome);
        }
        return outcome.out();
    }

    /** Takes over the other one's bundle by hand, as operators do to begin with. */
    void trust(FederatedDomain other) throws Exception {
        var file = folder.resolve(other.name + ".json");
        Files.writeString(file, other.done("bundle", "show", "-format", "spiffe"));
        done("bundle", "set", "-id", other.name.idString(), "-format", "spiffe", "-path", file.toString());
    }

    /** An agent, and an entry for this test's process that federates with the other one. */
    void startAgent(FederatedDomain other) throws Exception {
        var node = name.idString() + "/node";
        var token = done("token", "generate", "-spiffeID", node).strip().replaceFirst("^Token: ", "");
        done(
                "entry",
                "create",
                "-parentID",
                node,
                "-spiffeID",
                name.idString() + "/workload",
                "-selector",
                "unix:uid:" + Files.getAttribute(Path.of("/proc/self"), "unix:uid"),
                "-federatesWith",
                other.name.idString());
        var config = folder.resolve("agent.conf");
        Files.writeString(config, """
                agent {
                    data_dir = "%s/agent"
                    server_address = "127.0.0.1"
                    server_port = "%d"
                    socket_path = "%s/workload.sock"
                    trust_domain = "%s"
                    insecure_bootstrap = true
                }
                plugins {
                    NodeAttestor "join_token" { plugin_data {} }
                    KeyManager "memory" { plugin_data {} }
                    WorkloadAttestor "unix" { plugin_data {} }
                }
                """.formatted(folder, port, folder, name));
        running.push(Daemon.start(
                folder.resolve("agent.log"),
                side.command(Part.AGENT, List.of("run", "-config", config.toString(), "-joinToken", token)),
                Map.of()));
    }

    /** What the workload gets, once the other domain's bundle is in it. */
    X509Context workload(FederatedDomain other) {
        var found = new ArrayList<X509Context>();
        Await.until(PATIENCE, name + "'s workload does not get the bundle of " + other.name, () -> {
            try (var client = WorkloadApiClient.connect("unix:" + folder.resolve("workload.sock"))) {
                var context = client.fetchX509Context();
                if (context.bundle(other.name).isPresent()) {
                    found.add(context);
                }
                return !found.isEmpty();
            }
        });
        return found.getFirst();
    }

    @Override
    public void close() throws InterruptedException {
        while (!running.isEmpty()) {
            running.pop().close();
        }
    }
}
