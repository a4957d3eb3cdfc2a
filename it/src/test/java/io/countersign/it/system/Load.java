// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs the demo so many times a second, however long each takes, and remembers what failed and which serials were seen. */
final class Load implements AutoCloseable {
    private final RunningSystem system;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger calls = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final Map<String, Set<String>> serials = new ConcurrentHashMap<>();

    private Load(RunningSystem system) {
        this.system = system;
    }

    static Load start(RunningSystem system, int callsASecond) {
        var load = new Load(system);
        var _ = load.clock.scheduleAtFixedRate(
                () -> load.callers.execute(load::call),
                0,
                TimeUnit.SECONDS.toMicros(1) / callsASecond,
                TimeUnit.MICROSECONDS);
        return load;
    }

    private void call() {
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

    int calls() {
        return calls.get();
    }

    /** What went wrong, a text a call. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** How many certificates each side has seen of its peer, by who looked. */
    Map<String, Integer> serials() {
        var counts = new TreeMap<String, Integer>();
        serials.forEach((seenBy, seen) -> counts.put(seenBy, seen.size()));
        return counts;
    }

    /** Makes no more calls and waits for those that are under way. */
    @Override
    public void close() throws InterruptedException {
        clock.shutdownNow();
        clock.awaitTermination(1, TimeUnit.MINUTES);
        callers.shutdown();
        callers.awaitTermination(1, TimeUnit.MINUTES);
    }
}
