// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what other threads and processes do, with a limit. */
public final class Eventually {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private Eventually() {}

    /** A condition that throws counts as not fulfilled yet. */
    public static void holds(String what, Callable<Boolean> condition) {
        var end = Instant.now().plus(LIMIT);
        Throwable last = new AssertionError("it is false");
        while (Instant.now().isBefore(end)) {
            try {
                if (condition.call()) {
                    return;
                }
            } catch (Exception e) {
                last = e;
            }
            LockSupport.parkNanos(5_000_000);
        }
        fail("not within " + LIMIT + ": " + what, last);
    }
}
