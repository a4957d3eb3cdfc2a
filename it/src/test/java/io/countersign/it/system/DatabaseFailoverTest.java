// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.RealPostgres;
import io.countersign.it.process.Await;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.serverapi.types.Selector;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The PostgreSQL of two servers loses its connections, writes nothing for 20 seconds, and dies and is replaced by its standby,
 * while every certificate lives a minute: no workload may notice, nothing that was confirmed may be lost, and both servers write
 * again by themselves.
 */
@Tag("long")
@Timeout(300)
class DatabaseFailoverTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration READ_ONLY = Duration.ofSeconds(20);
    private static final int FETCHES_A_SECOND = 5;
    private static final int CUTS = 10;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final Set<String> confirmed = new TreeSet<>();
    private RealPostgres primary;
    private RealPostgres standby;
    private Twins twins;

    @BeforeEach
    void start() throws Exception {
        primary = opened(new RealPostgres());
        standby = opened(primary.standby());
        // the one that may not write stands first
        var places = " host=127.0.0.1,127.0.0.1 port=" + standby.port() + "," + primary.port();
        twins = opened(Twins.start(primary.connectionString("postgres") + places, 1));
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
    void noWorkloadNoticesWhatHappensToTheDatabase() throws Exception {
        assertWritten("before");
        var fetches = opened(Fetches.start(twins.sockets().getFirst(), Set.copyOf(confirmed), FETCHES_A_SECOND));

        for (int i = 0; i < CUTS; i++) {
            primary.cut();
        }
        assertWritten("connections-cut");

        primary.execute("template1", "ALTER DATABASE postgres SET default_transaction_read_only = on");
        primary.cut();
        awaitMore(fetches, READ_ONLY);
        for (var server : twins.servers()) {
            assertEquals(Status.Code.UNAVAILABLE, answer(server, "/read-only"));
        }
        primary.execute("template1", "ALTER DATABASE postgres RESET default_transaction_read_only");
        assertWritten("writable-again");

        primary.kill();
        awaitMore(fetches, Duration.ofSeconds(5));
        standby.promote();
        assertWritten("promoted");

        fetches.close();
        assertEquals(List.of(), fetches.failures().stream().limit(3).toList());
        assertTrue(fetches.fetches() > 0);
    }

    /** Makes an entry at each server, and waits until all have all that was confirmed, the agent as well. */
    private void assertWritten(String name) {
        for (int i = 0; i < twins.servers().size(); i++) {
            var path = "/" + name + "-" + i;
            var server = twins.servers().get(i);
            Await.until(PATIENCE, "no entry can be made: " + name, () -> {
                var code = answer(server, path);
                return code == Status.Code.OK || code == Status.Code.ALREADY_EXISTS;
            });
            confirmed.add(path);
        }
        for (var server : twins.servers()) {
            Await.until(PATIENCE, "an entry is lost: " + name, () -> {
                assertEquals(confirmed, paths(server));
                return true;
            });
        }
        Await.until(PATIENCE, "the agent does not give what was confirmed: " + name, () -> {
            assertEquals(confirmed, Fetches.paths(twins.sockets().getFirst()));
            return true;
        });
    }

    private Status.Code answer(Replica server, String path) throws Exception {
        var entry = Entry.newBuilder()
                .setId(path.substring(1))
                .setSpiffeId(id(path))
                .setParentId(id(twins.nodes().getFirst()))
                .addSelectors(Selector.newBuilder().setType("unix").setValue(twins.selector()));
        var request = BatchCreateEntryRequest.newBuilder().addEntries(entry).build();
        try {
            int code = server.ask(channel -> Replica.entries(channel).batchCreateEntry(request))
                    .getResults(0)
                    .getStatus()
                    .getCode();
            return Status.fromCodeValue(code).getCode();
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    private static SPIFFEID id(String path) {
        return SPIFFEID.newBuilder()
                .setTrustDomain(Replica.TRUST_DOMAIN)
                .setPath(path)
                .build();
    }

    private static Set<String> paths(Replica server) {
        return server.entries().stream()
                .map(entry -> entry.getSpiffeId().getPath())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Until so many more fetches were made as are made in that time. */
    private static void awaitMore(Fetches fetches, Duration time) {
        int enough = fetches.fetches() + (int) time.toSeconds() * FETCHES_A_SECOND;
        Await.until(PATIENCE, "fetches do not go on", () -> fetches.fetches() >= enough);
    }
}
