// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.flow;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * What is to be done later with a connection, if it is still open then. The timer goes with the connection: it holds all that
 * it would touch, and where the limit is an hour that is all connections of an hour.
 */
public final class WhileOpen {
    private WhileOpen() {}

    /** Runs on the connection's event loop. */
    public static void after(Channel channel, Duration pause, Runnable what) {
        var timer = channel.eventLoop()
                .schedule(
                        () -> {
                            if (channel.isOpen()) {
                                what.run();
                            }
                        },
                        Math.max(0, pause.toMillis()),
                        TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(closed -> timer.cancel(false));
    }
}
