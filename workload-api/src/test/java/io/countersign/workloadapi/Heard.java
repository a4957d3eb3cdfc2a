// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A watcher that keeps what it is told, in order. */
final class Heard<T> implements Watcher<T> {
    private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();

    @Override
    public void onUpdate(T update) {
        told.add(update);
    }

    @Override
    public void onError(WorkloadApiException error) {
        told.add(error);
    }

    private Object next() throws InterruptedException {
        var next = told.poll(20, TimeUnit.SECONDS);
        assertNotNull(next, "nothing was told");
        return next;
    }

    @SuppressWarnings("unchecked") // the queue holds errors and updates only
    T update() throws InterruptedException {
        var next = next();
        if (next instanceof WorkloadApiException error) {
            throw new AssertionError("an update was expected", error);
        }
        return (T) next;
    }

    /** The next update, whatever errors come before it. */
    @SuppressWarnings("unchecked") // as above
    T updateAfterErrors() throws InterruptedException {
        var next = next();
        while (next instanceof WorkloadApiException) {
            next = next();
        }
        return (T) next;
    }

    WorkloadApiException error() throws InterruptedException {
        var next = next();
        assertEquals(WorkloadApiException.class, next.getClass(), () -> "an error was expected: " + next);
        return (WorkloadApiException) next;
    }

    boolean isEmpty() {
        return told.isEmpty();
    }
}
