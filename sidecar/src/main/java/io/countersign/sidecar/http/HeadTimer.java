// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A handler with one timer, which ends with the connection and with the handler. Lives on one event loop. */
abstract class HeadTimer extends ChannelInboundHandlerAdapter {
    private @Nullable Future<?> running;

    /** Unless it is running. */
    final void start(ChannelHandlerContext ctx, Duration most, Runnable late) {
        if (running == null) {
            running = ctx.executor().schedule(late, most.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Also when its time is over, until it is stopped. */
    final boolean isRunning() {
        return running != null;
    }

    final void stop() {
        if (running != null) {
            running.cancel(false);
            running = null;
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stop();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stop();
        ctx.fireChannelInactive();
    }
}
