// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.Consumer;

/** Listens to the first words of a client, then gives way to what is meant for such a one, which gets them again. */
final class Inspector extends ByteToMessageDecoder {
    private final Consumer<FirstWords> heard;

    /** @param heard called once, before any byte is passed on, to build what comes behind this handler */
    Inspector(Consumer<FirstWords> heard) {
        this.heard = heard;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        var words = ClientHello.read(in.nioBuffer());
        if (words.isPresent()) {
            heard.accept(words.get());
            ctx.pipeline().remove(this);
        }
    }
}
