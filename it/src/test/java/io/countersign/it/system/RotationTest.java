// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Certificates that live 20 seconds, under load: nobody may notice. */
@Tag("long")
class RotationTest {
    private static final Duration LOAD = Duration.ofMinutes(3);
    private static final int CALLS_A_SECOND = 20;
    private static final int SERIALS = 6;

    @Test
    void noCallFailsWhileEveryCertificateIsRenewedManyTimes() throws Exception {
        try (var system = RunningSystem.start("--svid-ttl", "20s")) {
            var load = Load.start(system, CALLS_A_SECOND);
            try (load) {
                var end = System.nanoTime() + LOAD.toNanos();
                while (System.nanoTime() < end) {
                    LockSupport.parkNanos(end - System.nanoTime());
                }
            }
            var failures = load.failures();
            assertEquals(List.of(), failures.stream().limit(3).toList(), failures.size() + " of " + load.calls());
            assertTrue(load.calls() >= LOAD.toSeconds() * CALLS_A_SECOND * 9 / 10, load.calls() + " calls were made");
            assertEquals(4, load.serials().size(), load.serials()::toString);
            load.serials().forEach((hop, seen) -> assertTrue(seen >= SERIALS, hop + " has seen only " + seen));
            System.out.println(load.calls() + " calls, no failure; different serials: " + load.serials());
        }
    }
}
