// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import java.time.Duration;

/** How far this process knows the feed of changes to be committed. Thread-safe. */
public final class Progress {
    private volatile long position;
    private boolean closed;

    /** The highest position that was {@link #reached}, unless the feed was {@link #rewound}. */
    public long position() {
        return position;
    }

    /** Wakes who waits for it. */
    public synchronized void reached(long committed) {
        if (committed > position) {
            position = committed;
            notifyAll();
        }
    }

    /**
     * The database has lost what was committed last, as one that takes over from another without having followed it to the
     * end.
     *
     * @param known the position before it was asked; if more is known by now, nothing is lost
     */
    public synchronized void rewound(long known, long committed) {
        if (position == known) {
            position = committed;
        }
    }

    /**
     * Returns when the position is after that one, or the time is over, or nothing will come any more.
     *
     * @return whether it is after that one
     */
    public synchronized boolean await(long after, Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (position <= after && !closed) {
            long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
            if (left <= 0) {
                break;
            }
            wait(left);
        }
        return position > after;
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
