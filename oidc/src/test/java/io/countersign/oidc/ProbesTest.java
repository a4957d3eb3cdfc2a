// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.oidc.http.Handler;
import io.countersign.oidc.http.Request;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ProbesTest {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final AtomicReference<Optional<Instant>> lastSuccess = new AtomicReference<>(Optional.empty());

    private Probes probes(Duration interval) {
        return new Probes(lastSuccess::get, interval, now::get);
    }

    private static int status(Handler handler, String method) {
        return handler.answer(new Request(method, "/", "", "localhost", Map.of(), false, "test"))
                .status();
    }

    /** What both say, as {@code ready live}. */
    private static String both(Probes probes) {
        return status(probes.ready(), "GET") + " " + status(probes.live(), "GET");
    }

    @Test
    void beforeTheFirstKeysItLivesForThreeMinutes() {
        var probes = probes(Duration.ofSeconds(10));

        assertEquals("500 200", both(probes));
        now.set(START.plusSeconds(179));
        assertEquals("500 200", both(probes));
        now.set(START.plusSeconds(180));
        assertEquals("500 500", both(probes));
    }

    @Test
    void afterTheLastKeysItIsReadyForThreeMinutes() {
        var probes = probes(Duration.ofSeconds(10));
        lastSuccess.set(Optional.of(START.plusSeconds(60)));

        now.set(START.plusSeconds(239));
        assertEquals("200 200", both(probes));
        now.set(START.plusSeconds(240));
        assertEquals("500 500", both(probes));
    }

    @Test
    void fiveLongIntervalsMayPass() {
        var probes = probes(Duration.ofMinutes(2));
        lastSuccess.set(Optional.of(START));

        now.set(START.plus(Duration.ofMinutes(10).minusNanos(1)));
        assertEquals("200 200", both(probes));
        now.set(START.plus(Duration.ofMinutes(10)));
        assertEquals("500 500", both(probes));
    }

    @Test
    void onlyGetIsAProbe() {
        assertEquals(405, status(probes(Duration.ofSeconds(1)).ready(), "HEAD"));
        assertEquals(405, status(probes(Duration.ofSeconds(1)).live(), "POST"));
    }
}
