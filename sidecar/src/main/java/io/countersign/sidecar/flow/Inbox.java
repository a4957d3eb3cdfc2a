// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.flow;

import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Hands over one message for each {@link #want}. One read of a socket may bring many messages, and all that a peer sent
 * before it closed arrives at once; what nobody wants yet waits here, also after the connection is gone. Lives on one
 * event loop.
 */
public final class Inbox {
    private final Deque<Object> queue = new ArrayDeque<>();
    private final Consumer<Object> taker;
    private boolean wanted;
    private boolean delivering;

    public Inbox(Consumer<Object> taker) {
        this.taker = taker;
    }

    public void arrived(Object message) {
        queue.add(message);
        deliver();
    }

    /** @return whether the next message must still be read from the connection */
    public boolean want() {
        wanted = true;
        deliver();
        return wanted && queue.isEmpty();
    }

    public boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Gives up what is left, in order. */
    public void handOver(Consumer<Object> successor) {
        while (!queue.isEmpty()) {
            successor.accept(queue.poll());
        }
    }

    /** Forgets what is left. */
    public void clear() {
        queue.forEach(ReferenceCountUtil::release);
        queue.clear();
    }

    private void deliver() {
        if (delivering) {
            return;
        }
        delivering = true;
        try {
            while (wanted && !queue.isEmpty()) {
                wanted = false;
                taker.accept(queue.poll());
            }
        } finally {
            delivering = false;
        }
    }
}
