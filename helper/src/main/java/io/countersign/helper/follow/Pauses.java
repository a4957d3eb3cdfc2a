// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.follow;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses between tries: each twice as long as the one before up to a limit, ten per cent more or less. Not thread-safe. */
public final class Pauses {
    private final Duration first;
    private final Duration longest;
    private Duration next;

    public Pauses(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
        this.next = first;
    }

    public Duration next() {
        var pause = Duration.ofMillis(
                (long) (next.toMillis() * ThreadLocalRandom.current().nextDouble(0.9, 1.1)));
        var doubled = next.multipliedBy(2);
        next = doubled.compareTo(longest) > 0 ? longest : doubled;
        return pause;
    }

    /** Begins with the first pause again. */
    public void reset() {
        next = first;
    }
}
