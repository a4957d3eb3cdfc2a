// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/** Tells HTTP/2 from HTTP/1.1 by the first bytes (RFC 9113, section 3.4), then gives way to the right pipeline. */
final class ProtocolDetector extends ByteToMessageDecoder {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Consumer<Boolean> http2;

    /** @param http2 called once, before any byte is passed on, to build what comes behind this handler */
    ProtocolDetector(Consumer<Boolean> http2) {
        this.http2 = http2;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int compared = Math.min(in.readableBytes(), PREFACE.length);
        for (int i = 0; i < compared; i++) {
            if (in.getByte(in.readerIndex() + i) != PREFACE[i]) {
                decided(ctx, false);
                return;
            }
        }
        if (compared == PREFACE.length) {
            decided(ctx, true);
        }
    }

    /** Removing a decoder passes on what it has gathered. */
    private void decided(ChannelHandlerContext ctx, boolean isHttp2) {
        http2.accept(isHttp2);
        ctx.pipeline().remove(this);
    }
}
