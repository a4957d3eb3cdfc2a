// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.RealPostgres;
import io.countersign.it.process.Await;
import java.time.Duration;
import java.util.ArrayDeque;
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
    private static final int AGENTS = 2;
    private static final int WORKLOADS = 100;
    private static final int FETCHES_A_SECOND = 5;

    /** Of each identity: a certificate is replaced before half of its minute is over. */
    private static final int CERTIFICATES = 7;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private Twins twins;
    private EntryChanges changes;

    @BeforeEach
    void start() throws Exception {
        var postgres = opened(new RealPostgres());
        twins = opened(Twins.start(postgres.connectionString("postgres"), AGENTS));
        changes = opened(new EntryChanges(twins.servers(), twins.nodes(), twins.selector()));
    }

    @AfterEach
    void stop() throws Exception {
        while (!parts.isEmpty()) {
            parts.pop().close();
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        parts.push(part);
        return part;
    }

    @Test
    void noWorkloadNoticesThatServersAreKilledAndNothingIsLost() throws Exception {
        for (int node = 0; node < AGENTS; node++) {
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
        for (var server : twins.servers()) {
            assertEquals(
                    changes.confirmed(),
                    server.entries().stream().map(EntryChanges::words).sorted().toList());
        }
        assertEquals(
                twins.servers().getFirst().bundle(), twins.servers().getLast().bundle());
        System.out.println(kills + " kills, " + changes.made() + " entries changed, " + changes.repeated()
                + " questions asked again; fetches without failure: "
                + fetches.stream().map(Fetches::fetches).toList() + ", certificates: "
                + fetches.stream().map(Fetches::certificates).toList());
    }

    private Fetches fetches(int node) {
        return opened(Fetches.start(twins.sockets().get(node), Set.copyOf(changes.paths(node)), FETCHES_A_SECOND));
    }

    /** Returns once each agent gives exactly what was confirmed. */
    private void awaitServed() {
        for (int node = 0; node < AGENTS; node++) {
            var expected = changes.paths(node);
            var socket = twins.sockets().get(node);
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
            twins.servers().get(kills % 2).killAndStartAgain();
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
