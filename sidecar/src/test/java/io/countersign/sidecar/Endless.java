// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.time.Duration;

/** A program whose answer has no end, and which notices when nobody takes more of it. */
final class Endless implements HttpHandler {
    private static final long STUCK_NANOS = Duration.ofMillis(500).toNanos();

    private volatile boolean begun;
    private volatile boolean cutOff;
    private volatile long moved;

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        byte[] piece = new byte[1 << 16];
        exchange.sendResponseHeaders(200, 0);
        moved = System.nanoTime();
        begun = true;
        try {
            while (true) {
                exchange.getResponseBody().write(piece);
                moved = System.nanoTime();
            }
        } finally {
            cutOff = true;
        }
    }

    /** Whether all that is between it and its client is full. */
    boolean isStuck() {
        return begun && System.nanoTime() - moved > STUCK_NANOS;
    }

    /** Whether it was told that nobody is there any more. */
    boolean isCutOff() {
        return cutOff;
    }
}
