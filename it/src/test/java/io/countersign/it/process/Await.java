// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.process;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Waits for what must come about, and no longer than a bound. */
public final class Await {
    private static final Duration POLL = Duration.ofMillis(50);

    private Await() {}

    /** A condition that may not be there to be asked yet. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }

    /**
     * Returns once it holds; an exception or a failed assertion counts as no.
     *
     * @throws AssertionError with these words, and what was last thrown, after the bound
     */
    public static void until(Duration bound, String otherwise, Condition condition) {
        var end = Instant.now().plus(bound);
        var last = Optional.<Throwable>empty();
        while (true) {
            try {
                if (condition.holds()) {
                    return;
                }
                last = Optional.empty();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(otherwise + ": interrupted", e);
            } catch (Exception | AssertionError e) {
                last = Optional.of(e);
            }
            if (Instant.now().isAfter(end)) {
                var said = last.map(thrown -> ": " + thrown).orElse("");
                throw new AssertionError(otherwise + " (waited " + bound.toSeconds() + " s)" + said, last.orElse(null));
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }
}
