// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.process;

import java.time.Duration;
import java.time.Instant;

/** Pauses that grow while something fails again and again, and are short again after it has worked for a while. */
final class BackOff {
    private static final Duration FIRST = Duration.ofMillis(200);
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final Duration FORGOTTEN_AFTER = Duration.ofSeconds(30);

    private Duration next = FIRST;
    private Instant last = Instant.EPOCH;

    void pause() throws InterruptedException {
        var now = Instant.now();
        if (Duration.between(last, now).compareTo(FORGOTTEN_AFTER) > 0) {
            next = FIRST;
        }
        Thread.sleep(next);
        next = next.multipliedBy(2).compareTo(LONGEST) < 0 ? next.multipliedBy(2) : LONGEST;
        last = Instant.now();
    }
}
