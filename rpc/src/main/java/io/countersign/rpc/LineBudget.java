// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many lines of a log are for what strangers do, which costs them nothing: twenty a minute, and then how many there would have
 * been besides. Thread-safe.
 */
public final class LineBudget {
    private static final int LINES_A_MINUTE = 20;
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier nanoTime;
    private long minute;
    private int lines;
    private int others;

    /** @param nanoTime of which only differences count */
    public LineBudget(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.minute = nanoTime.getAsLong();
    }

    /**
     * What something puts into the log.
     *
     * @param isWritten whether it has a line of its own
     * @param before how many of a minute before had none; zero if that was said already
     */
    public record Telling(boolean isWritten, int before) {}

    public synchronized Telling take() {
        long now = nanoTime.getAsLong();
        int before = 0;
        if (now - minute >= MINUTE) {
            minute = now;
            lines = 0;
            before = others;
            others = 0;
        }
        if (lines < LINES_A_MINUTE) {
            lines++;
            return new Telling(true, before);
        }
        others++;
        return new Telling(false, before);
    }
}
