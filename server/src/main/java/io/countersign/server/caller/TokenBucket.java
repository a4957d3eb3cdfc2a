// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.caller;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** So many tokens a second, and as many kept at most; taken ahead by those who then wait. Thread-safe. */
final class TokenBucket {
    private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

    private final int rate;
    private double tokens;
    private long filledAt;

    /** Full at that time. */
    TokenBucket(int rate, long now) {
        this.rate = rate;
        this.tokens = rate;
        this.filledAt = now;
    }

    /**
     * Takes tokens.
     *
     * @param now as the virtual machine's clock for distances has it
     * @param patience nanoseconds that the taker can wait
     * @return nanoseconds to wait; nothing if that is too long, in which case no token is taken
     */
    synchronized Optional<Long> take(int count, long now, long patience) {
        fill(now);
        double missing = Math.max(0, count - tokens);
        long wait = (long) Math.ceil(missing / rate * SECOND);
        if (wait > patience) {
            return Optional.empty();
        }
        tokens -= count;
        return Optional.of(wait);
    }

    /** Of somebody who did not wait until the tokens were there. */
    synchronized void giveBack(int count) {
        tokens = Math.min(rate, tokens + count);
    }

    synchronized boolean isFull(long now) {
        fill(now);
        return tokens >= rate;
    }

    private void fill(long now) {
        tokens = Math.min(rate, tokens + (now - filledAt) / SECOND * rate);
        filledAt = now;
    }
}
