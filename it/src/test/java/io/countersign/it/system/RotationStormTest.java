// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.it.process.Await;
import io.countersign.it.system.CertificatePlace.HelperFile;
import io.countersign.it.system.CertificatePlace.SidecarPage;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A thousand forced renewals of all certificates, one every 300 ms, under 200 calls a second. Each call goes through two
 * sidecars and then, by the files of two helpers, to PostgreSQL. A renewal counts once both sidecars show the new certificate
 * and both helpers have written theirs; the next one is not begun before. A machine that does other things meanwhile takes
 * longer and is asked less: what it came to is printed.
 */
@Tag("long")
class RotationStormTest {
    private static final int RENEWALS = 1000;
    private static final Duration PERIOD = Duration.ofMillis(300);
    private static final int CALLS_A_SECOND = 200;
    /** There are 60 where nothing else runs. */
    private static final int CALLS_A_RENEWAL = 10;
    /** The whole demo, which tells what each side has seen of its peer. */
    private static final int DEMOS_A_SECOND = 2;

    /** Each begins anew at each renewal, which is dear. */
    private static final Map<String, String> FEW_SESSIONS = Map.of("DB_MAX_OPEN_CONNS", "3");

    private static final List<String> OWNERS = List.of("postgres", "backend");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void noCallFailsAndNoFilesAreTornInAStormOfRenewals() throws Exception {
        // with that, connections between the sidecars end after 5 s, and most of the certificates come to be used
        try (var system = RunningSystem.start(RunningSystem.newFolder(), FEW_SESSIONS, "--svid-ttl", "20s");
                var http = HttpClient.newHttpClient();
                var renewals = new ForcedRenewals(system.state().resolve("server/private/api.sock"), "/ns/demo/")) {
            for (var owner : OWNERS) {
                appearTogether(system, owner);
            }
            var places = Map.<String, CertificatePlace>of(
                    "postgres-helper", HelperFile.of(system, "postgres"),
                    "backend-helper", HelperFile.of(system, "backend"),
                    "frontend-sidecar", SidecarPage.of(system, "frontend-sidecar", http),
                    "backend-sidecar", SidecarPage.of(system, "backend-sidecar", http));
            var seen = new Seen(places);
            assertTrue(seen.everywhere(1));
            var postgres = new ReadingLoop(system.state().resolve("postgres/certs"));
            var backend = new ReadingLoop(system.state().resolve("backend/certs"));
            var demo = Load.start(system, DEMOS_A_SECOND);
            var calls = OrderCalls.start(system, CALLS_A_SECOND);
            var begun = System.nanoTime();
            try (postgres;
                    backend;
                    demo;
                    calls) {
                storm(renewals, seen);
            }
            var took = Duration.ofNanos(System.nanoTime() - begun);

            System.out.printf(
                    "%d renewals in %d s, certificates seen: %s; %d calls, %d failed, %d certificates seen by the frontend's"
                            + " sidecar; %d runs of the demo, %d failed, certificates seen by peers: %s; sets of files read:"
                            + " %d and %d, torn %d and %d%n",
                    RENEWALS,
                    took.toSeconds(),
                    seen.counts(),
                    calls.made(),
                    calls.failures().size(),
                    calls.serials(),
                    demo.calls(),
                    demo.failures().size(),
                    demo.serials(),
                    postgres.sets(),
                    backend.sets(),
                    postgres.torn().size(),
                    backend.torn().size());
            assertEquals(List.of(), first(calls.failures()), calls.failures().size() + " of " + calls.made());
            assertEquals(List.of(), first(demo.failures()), demo.failures().size() + " of " + demo.calls());
            assertTrue(calls.made() >= RENEWALS * CALLS_A_RENEWAL, calls.made() + " calls were made");
            assertWhole(postgres);
            assertWhole(backend);
            seen.counts().forEach((place, count) -> assertEquals(RENEWALS + 1, count, place));
        }
    }

    /** Has a helper of the running system write as the block of ours says. */
    private static void appearTogether(RunningSystem system, String owner) throws Exception {
        var helper = owner + "-helper";
        Files.writeString(
                system.state().resolve(helper).resolve("helper.conf"),
                "countersign { together = true }\n",
                StandardOpenOption.APPEND);
        var former = system.part(helper);
        assertTrue(former.destroyForcibly());
        former.onExit().get();
        Await.until(
                PATIENCE,
                helper + " does not come back",
                () -> Files.isSymbolicLink(system.state().resolve(owner).resolve("certs/..data")));
    }

    private static void storm(ForcedRenewals renewals, Seen seen) {
        var next = System.nanoTime();
        for (int i = 1; i <= RENEWALS; i++) {
            renewals.next();
            int certificates = 1 + i;
            Await.until(
                    PATIENCE,
                    "renewal " + i + " has not come everywhere: " + seen.counts(),
                    () -> seen.everywhere(certificates));
            next += PERIOD.toNanos();
            while (System.nanoTime() < next) {
                LockSupport.parkNanos(next - System.nanoTime());
            }
        }
    }

    /** Which certificates were at each place. */
    private static final class Seen {
        private final Map<String, CertificatePlace> places;
        private final Map<String, Set<String>> serials = new TreeMap<>();

        Seen(Map<String, CertificatePlace> places) {
            this.places = places;
        }

        /** Whether so many have been at each place, with the one that is there now. */
        boolean everywhere(int count) throws Exception {
            boolean all = true;
            for (var place : places.entrySet()) {
                var had = serials.computeIfAbsent(place.getKey(), name -> new HashSet<>());
                if (had.size() < count) {
                    had.add(place.getValue().serial());
                }
                all &= had.size() >= count;
            }
            return all;
        }

        Map<String, Integer> counts() {
            var counts = new TreeMap<String, Integer>();
            serials.forEach((place, all) -> counts.put(place, all.size()));
            return counts;
        }
    }

    private static List<String> first(List<String> failures) {
        return failures.stream().limit(3).toList();
    }

    private static void assertWhole(ReadingLoop files) {
        assertEquals(List.of(), first(files.torn()), files.torn().size() + " of " + files.sets());
        assertTrue(files.serials() > RENEWALS * 9 / 10, () -> "only " + files.serials() + " states were read");
    }
}
