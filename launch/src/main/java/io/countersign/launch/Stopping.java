// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import java.util.concurrent.CountDownLatch;

/**
 * Waits for SIGTERM or SIGINT, then closes what the program has opened before the process goes. A process that a signal
 * ended in this orderly way exits with 0, as the originals do.
 */
public final class Stopping {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean orderly;

    /** Ends {@link #await}; for a program that is told to stop by other means than a signal. */
    public void stop() {
        asked.countDown();
    }

    /** Blocks until a signal or {@link #stop}, then closes {@code resources}. */
    public void await(AutoCloseable resources) throws Exception {
        // The virtual machine ends when its hooks have run, so the hook holds it until everything is closed.
        var hook = new Thread(this::hold, "stopping");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            asked.await();
            resources.close();
            orderly = true;
        } finally {
            if (!hook.isAlive()) {
                forget(hook);
            }
            closed.countDown();
        }
    }

    private void hold() {
        asked.countDown();
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (orderly) {
            // left to itself the virtual machine reports the signal: 128 and its number
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // a signal came this very moment: the hook runs, finds everything closed and ends the process
            return;
        }
    }
}
