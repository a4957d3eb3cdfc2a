// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a program has opened, closed in reverse order and exactly once. One failing close is logged and does not keep the
 * others open. Thread-safe.
 */
public final class Closing implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Closing.class);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** Takes responsibility for closing {@code resource} and hands it back. */
    public synchronized <T extends AutoCloseable> T add(T resource) {
        opened.push(resource);
        return resource;
    }

    @Override
    public synchronized void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                log.atWarn().setCause(e).log("could not close everything cleanly");
            }
        }
    }
}
