// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.Consumer;

/** Listens to the first words of a client, then gives way to what is meant for such a one, which gets them again. */
final class Inspector extends ByteToMessageDecoder {
    private final ClientHello hello = new ClientHello();
    private final Consumer<FirstWords> heard;
    private final Runnable tooLong;
    /** How much of what is gathered was heard. */
    private int listened;

    /**
     * @param heard called once, before any byte is passed on, to build what comes behind this handler
     * @param tooLong called once in the place of {@code heard}, when so much has come to no end
     */
    Inspector(Consumer<FirstWords> heard, Runnable tooLong) {
        this.heard = heard;
        this.tooLong = tooLong;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int come = in.readableBytes();
        var words = hello.read(in.nioBuffer(in.readerIndex() + listened, come - listened));
        listened = come;
        if (words.isPresent()) {
            heard.accept(words.get());
            ctx.pipeline().remove(this);
        } else if (come >= ClientHello.MOST_BYTES) {
            tooLong.run();
            ctx.pipeline().remove(this);
        }
    }
}
