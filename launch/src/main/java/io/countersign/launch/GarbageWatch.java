// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Has old objects that nobody needs collected while there are few. The serial collector does that only when they fill all that
 * the heap may have: a program through which connections come and go grows to that, whatever little it needs, and a container
 * that grants less kills it. Lives on one thread.
 */
public final class GarbageWatch {
    private static final Duration PAUSE = Duration.ofSeconds(30);
    /** The bytes by which a small heap, and the part by which a large one has to have grown: a collection stops the program. */
    static final long WORTH = 8L << 20;

    static final int PART = 4;

    private final LongSupplier size;
    private final Runnable collection;
    private long least;

    /** @param size of the heap in bytes, free or not */
    GarbageWatch(LongSupplier size, Runnable collection) {
        this.size = size;
        this.collection = collection;
        this.least = size.getAsLong();
    }

    /** From now on, for as long as the process lives; for programs that go on. */
    public static void start() {
        var watch = new GarbageWatch(Runtime.getRuntime()::totalMemory, System::gc);
        Thread.ofVirtual().name("garbage").start(watch::run);
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(PAUSE);
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void look() {
        least = Math.min(least, size.getAsLong());
        if (size.getAsLong() > least + Math.max(WORTH, least / PART)) {
            collection.run();
            least = size.getAsLong();
        }
    }
}
