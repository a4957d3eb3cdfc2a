// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import java.util.concurrent.CountDownLatch;

/** Waits for SIGTERM or SIGINT, then closes what the program has opened before the process goes. */
public final class Stopping {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    /** Ends {@link #await}; for a program that is told to stop by other means than a signal. */
    public void stop() {
        asked.countDown();
    }

    /** Blocks until a signal or {@link #stop}, then closes {@code resources}. */
    public void await(AutoCloseable resources) throws Exception {
        // The virtual machine ends when its hooks have run, so the hook holds it until everything is closed.
        var hook = new Thread(
                () -> {
                    asked.countDown();
                    try {
                        closed.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "stopping");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            asked.await();
        } finally {
            try {
                resources.close();
            } finally {
                closed.countDown();
            }
        }
    }
}
