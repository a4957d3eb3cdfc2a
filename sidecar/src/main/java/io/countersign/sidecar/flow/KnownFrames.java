// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.flow;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2UnknownFrame;
import io.netty.util.ReferenceCountUtil;

/**
 * Drops the HTTP/2 frames of which the codec knows no name: they are to be ignored (RFC 9113, section 5.5), and as nothing limits
 * how many of them a peer sends, none may wait in a stream.
 */
public final class KnownFrames extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        if (frame instanceof Http2UnknownFrame) {
            ReferenceCountUtil.release(frame);
        } else {
            ctx.fireChannelRead(frame);
        }
    }
}
