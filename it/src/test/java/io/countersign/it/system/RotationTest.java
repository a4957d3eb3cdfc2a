// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Certificates that live 20 seconds, under load: nobody may notice. */
@Tag("long")
class RotationTest {
    private static final Duration LOAD = Duration.ofMinutes(3);
    private static final int CALLS_A_SECOND = 20;
    private static final int SERIALS = 6;

    private final AtomicInteger calls = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final Map<String, Set<String>> serials = new ConcurrentHashMap<>();

    @Test
    void noCallFailsWhileEveryCertificateIsRenewedManyTimes() throws Exception {
        try (var system = RunningSystem.start("--svid-ttl", "20s");
                var clock = Executors.newScheduledThreadPool(1);
                var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var end = Instant.now().plus(LOAD);
            var ticking = clock.scheduleAtFixedRate(
                    () -> callers.execute(() -> call(system)),
                    0,
                    TimeUnit.SECONDS.toMillis(1) / CALLS_A_SECOND,
                    TimeUnit.MILLISECONDS);
            clock.schedule(
                            () -> ticking.cancel(false),
                            Duration.between(Instant.now(), end).toMillis(),
                            TimeUnit.MILLISECONDS)
                    .get();
            clock.shutdown();
            callers.shutdown();
            assertTrue(callers.awaitTermination(1, TimeUnit.MINUTES));
        }
        assertEquals(List.of(), List.copyOf(failures).stream().limit(3).toList(), failures.size() + " of " + calls);
        assertTrue(calls.get() >= LOAD.toSeconds() * CALLS_A_SECOND * 9 / 10, calls + " calls were made");
        assertEquals(4, serials.size(), serials::toString);
        serials.forEach((hop, seen) -> assertTrue(seen.size() >= SERIALS, hop + " has seen only " + seen));
        System.out.println(calls + " calls, no failure; different serials: "
                + serials.entrySet().stream()
                        .map(hop -> hop.getKey() + " " + hop.getValue().size())
                        .toList());
    }

    private void call(RunningSystem system) {
        calls.incrementAndGet();
        try {
            var demo = system.demo();
            if (!Judge.succeeds(demo, "frontend_to_backend") || !Judge.succeeds(demo, "backend_to_database")) {
                failures.add(demo.toString());
            }
            for (var hop : demo.getAsJsonArray("evidence")) {
                remember(hop.getAsJsonObject());
            }
        } catch (IOException | RuntimeException e) {
            failures.add(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void remember(JsonObject hop) {
        if (hop.get("verified").getAsBoolean()) {
            serials.computeIfAbsent(hop.get("seenBy").getAsString(), name -> ConcurrentHashMap.newKeySet())
                    .add(hop.get("serial").getAsString());
        } else {
            failures.add(hop.toString());
        }
    }
}
