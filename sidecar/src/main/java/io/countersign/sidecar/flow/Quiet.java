// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.flow;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a connection has been quiet for long. There is one timer, however often it is touched, and none once the
 * connection is closed. Lives on the connection's event loop.
 */
public final class Quiet {
    private final Channel channel;
    private final long limit;
    private final Runnable told;
    private long touched = System.nanoTime();
    private @Nullable Future<?> timer;

    private Quiet(Channel channel, Duration limit, Runnable told) {
        this.channel = channel;
        this.limit = limit.toNanos();
        this.told = told;
    }

    /**
     * @param limit zero for none
     * @param told when nobody has touched it for so long, and each time that it goes on for as long again
     */
    public static Quiet watch(Channel channel, Duration limit, Runnable told) {
        var quiet = new Quiet(channel, limit, told);
        if (!limit.isZero()) {
            quiet.lookAfter(quiet.limit);
            channel.closeFuture().addListener(closed -> quiet.end());
        }
        return quiet;
    }

    /** It begins anew. */
    public void touch() {
        touched = System.nanoTime();
    }

    private void lookAfter(long nanos) {
        timer = channel.eventLoop().schedule(this::look, nanos, TimeUnit.NANOSECONDS);
    }

    private void look() {
        long left = limit - (System.nanoTime() - touched);
        if (left <= 0) {
            told.run();
            touch();
            left = limit;
        }
        if (channel.isOpen()) {
            lookAfter(left);
        }
    }

    private void end() {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
