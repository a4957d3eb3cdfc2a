// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.RealPostgres;
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
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two servers on one PostgreSQL, killed in turn while entries change and every certificate lives a minute: no workload may
 * notice, and nothing that was confirmed may be lost.
 */
@Tag("long")
@Timeout(900)
class TwoServersTest {
    private static final Duration LOAD = Duration.ofMinutes(5);
    private static final Duration BETWEEN_KILLS = Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int WORKLOADS = 100;
    private static final int FETCHES_A_SECOND = 5;

    /** Of each identity: a certificate is replaced before half of its minute is over. */
    private static final int CERTIFICATES = 7;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<Replica> servers = new ArrayList<>();
    private final List<Path> sockets = new ArrayList<>();
    private Path folder;
    private EntryChanges changes;

    @BeforeEach
    void start() throws Exception {
        folder = RunningSystem.newFolder();
        var postgres = opened(new RealPostgres());
        for (var name : List.of("one", "two")) {
            servers.add(opened(Replica.start(folder.resolve(name), postgres.connectionString("postgres"))));
        }
        Await.until(
                PATIENCE,
                "the servers do not know each other's authorities",
                () -> servers.stream().allMatch(server -> server.bundle().getX509AuthoritiesCount() == servers.size()));
        var forwarder =
                opened(Forwarder.start(servers.stream().map(Replica::port).toList()));
        var nodes = List.of(startAgent("a", forwarder.port()), startAgent("b", forwarder.port()));
        changes = opened(new EntryChanges(servers, nodes, "uid:" + Files.getAttribute(folder, "unix:uid")));
    }

    @AfterEach
    void stop() throws Exception {
        while (!parts.isEmpty()) {
            parts.pop().close();
        }
        new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
    }

    private <T extends AutoCloseable> T opened(T part) {
        parts.push(part);
        return part;
    }

    /** Gives the path of the node's own identity. */
    private String startAgent(String name, int port) throws Exception {
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
        return "/spire/agent/join_token/" + token;
    }

    private static boolean isServing(Path socket) {
        try (var client = WorkloadApiClient.connect("unix://" + socket, Duration.ofSeconds(20))) {
            client.fetchX509Bundles();
            return true;
        } catch (WorkloadApiException e) {
            return e.code() == Status.Code.PERMISSION_DENIED;
        }
    }

    @Test
    void noWorkloadNoticesThatServersAreKilledAndNothingIsLost() throws Exception {
        for (int node = 0; node < sockets.size(); node++) {
            changes.createLasting(node, WORKLOADS);
        }
        awaitServed();
        var fetches = List.of(fetches(0), fetches(1));
        changes.start();
        int kills = killInTurn();
        changes.close();
        awaitServed();
        for (var one : fetches) {
            one.close();
        }

        assertEquals(List.of(), changes.failures().stream().limit(3).toList());
        fetches.forEach(TwoServersTest::assertUnnoticed);
        for (var server : servers) {
            assertEquals(
                    changes.confirmed(),
                    server.entries().stream().map(EntryChanges::words).sorted().toList());
        }
        assertEquals(servers.getFirst().bundle(), servers.getLast().bundle());
        System.out.println(kills + " kills, " + changes.made() + " entries changed, " + changes.repeated()
                + " questions asked again; fetches without failure: "
                + fetches.stream().map(Fetches::fetches).toList() + ", certificates: "
                + fetches.stream().map(Fetches::certificates).toList());
    }

    private Fetches fetches(int node) {
        return opened(Fetches.start(sockets.get(node), Set.copyOf(changes.paths(node)), FETCHES_A_SECOND));
    }

    /** Returns once each agent gives exactly what was confirmed. */
    private void awaitServed() {
        for (int node = 0; node < sockets.size(); node++) {
            var expected = changes.paths(node);
            var socket = sockets.get(node);
            Await.until(PATIENCE, "an agent does not give what was confirmed", () -> {
                assertEquals(expected, Fetches.paths(socket));
                return true;
            });
        }
    }

    private int killInTurn() throws Exception {
        var start = System.nanoTime();
        int kills = 0;
        while (kills < LOAD.dividedBy(BETWEEN_KILLS)) {
            var at = start + (kills + 1) * BETWEEN_KILLS.toNanos();
            while (System.nanoTime() < at) {
                LockSupport.parkNanos(at - System.nanoTime());
            }
            servers.get(kills % servers.size()).killAndStartAgain();
            kills++;
        }
        return kills;
    }

    private static void assertUnnoticed(Fetches fetches) {
        var failures = fetches.failures();
        assertEquals(List.of(), failures.stream().limit(3).toList(), failures.size() + " of " + fetches.fetches());
        // a busy machine starts servers and does little else meanwhile
        assertTrue(fetches.fetches() >= LOAD.toSeconds(), fetches.fetches() + " fetches were made");
        assertTrue(
                fetches.certificates() >= WORKLOADS * CERTIFICATES, fetches.certificates() + " certificates were seen");
    }
}
