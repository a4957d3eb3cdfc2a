// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.tcp;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Keeps what a client says before its upstream is there: the first bytes may have come in the same packet as the end of
 * the handshake. Hands all of it on when it is removed.
 */
final class EarlyBytes extends ChannelInboundHandlerAdapter {
    private final Deque<Object> early = new ArrayDeque<>();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        early.add(message);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (!early.isEmpty()) {
            early.forEach(ctx::fireChannelRead);
            early.clear();
            ctx.fireChannelReadComplete();
        }
    }
}
