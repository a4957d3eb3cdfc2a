// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import java.util.ArrayDeque;
import java.util.Deque;

/** Closes what was opened, in the opposite order. */
final class Closing implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T resource) {
        open.push(resource);
        return resource;
    }

    @Override
    public void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }
}
