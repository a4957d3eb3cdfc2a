// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.Eventually;
import io.countersign.agent.TestClock;
import io.countersign.agent.attest.AttestationCache.Look;
import io.countersign.rpc.ProcessImage;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class AttestationCacheTest {
    private static final Attestation SEEN = new Attestation(Map.of(), false);

    private final TestClock clock = new TestClock();
    private final AttestationCache cache = new AttestationCache(clock);
    private final AtomicInteger looks = new AtomicInteger();

    private static AttestationCache.Key process(long startTime, String program) {
        return new AttestationCache.Key(7, new ProcessImage(startTime, 0, 0, 0, 0, program));
    }

    private Look look(boolean complete) {
        looks.incrementAndGet();
        return new Look(SEEN, complete);
    }

    private void get(AttestationCache.Key key) {
        assertEquals(SEEN, cache.get(key, () -> look(true)));
    }

    @Test
    void isKeptForAMoment() {
        get(process(1, "a"));
        get(process(1, "a"));
        assertEquals(1, looks.get());
        clock.advance(Duration.ofSeconds(5));
        get(process(1, "a"));
        assertEquals(2, looks.get());
    }

    @Test
    void anotherProgramIsLookedAtAnew() {
        get(process(1, "a"));
        get(process(1, "b"));
        get(process(2, "a"));
        assertEquals(3, looks.get());
    }

    @Test
    void whatIsNotWholeIsNotKept() {
        cache.get(process(1, "a"), () -> look(false));
        get(process(1, "a"));
        assertEquals(2, looks.get());
    }

    @Test
    void whoeverComesMeanwhileWaitsForTheSameLook() throws Exception {
        var go = new CountDownLatch(1);
        var threads = new ArrayList<Thread>();
        var waiting = new ArrayList<Future<Attestation>>();
        for (int i = 0; i < 100; i++) {
            var task = new FutureTask<>(() -> cache.get(process(1, "a"), () -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return look(false);
            }));
            waiting.add(task);
            threads.add(Thread.ofVirtual().start(task));
        }
        // who comes after the look looks anew
        Eventually.holds(
                "all wait", () -> threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
        go.countDown();
        for (var each : waiting) {
            assertEquals(SEEN, each.get());
        }
        assertTrue(looks.get() <= 2, () -> looks + " looks");
    }

    @Test
    void failureIsToldToAllAndForgotten() {
        var refused = assertThrows(
                StatusRuntimeException.class,
                () -> cache.get(process(1, "a"), () -> {
                    throw Status.UNAVAILABLE.asRuntimeException();
                }));
        assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode());
        get(process(1, "a"));
    }

    @Test
    void isBounded() {
        for (int i = 0; i < 10_001; i++) {
            get(process(i, "a"));
        }
        get(process(10_000, "a"));
        assertEquals(10_001, looks.get());
        get(process(0, "a"));
        assertEquals(10_002, looks.get(), "the oldest is forgotten");
    }
}
