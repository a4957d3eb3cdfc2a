// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpConstants;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpUtil;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads HTTP/1.1 as the library does and refuses more: a space before a request, the protocol's name in small letters, and
 * whatever stands at the size of a chunk without being a digit, an extension or a space behind it. The library reads over these,
 * and a program behind may read them in another way. Lives on one event loop.
 */
final class RequestDecoder extends HttpRequestDecoder {
    private static final long NO_CHUNKS = -1;
    private static final int HEX = 16;
    private static final int LINE_END_BYTES = 2;
    /** More than the library takes for a size. */
    private static final long TOO_LARGE = 1L << 32;

    private final Consumer<HttpRequest> began;
    /** Bytes until the line with the size of the next chunk. */
    private long untilSize = NO_CHUNKS;
    /** Bytes of that line in which there is no end. */
    private int lookedAt;

    /** @param began told of each head, also of one that cannot be read */
    RequestDecoder(HttpDecoderConfig config, Consumer<HttpRequest> began) {
        super(config);
        this.began = began;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (untilSize == 0 && !takeSize(in)) {
            untilSize = NO_CHUNKS;
            in.skipBytes(in.readableBytes());
            // nothing in the place of a size is what the library refuses itself
            super.decode(ctx, Unpooled.wrappedBuffer(new byte[] {HttpConstants.CR, HttpConstants.LF}), out);
            return;
        }
        int start = in.readerIndex();
        int before = out.size();
        super.decode(ctx, in, out);
        int read = in.readerIndex() - start;
        if (read > 0) {
            lookedAt = 0;
            untilSize -= untilSize > 0 ? read : 0;
        }
        for (int i = before; i < out.size(); i++) {
            if (out.get(i) instanceof HttpRequest request) {
                began.accept(request);
                untilSize = HttpUtil.isTransferEncodingChunked(request) ? 0 : NO_CHUNKS;
            }
        }
    }

    /**
     * Looks how long the next chunk is.
     *
     * @return false if that cannot be a size. Of a line of which the end has not come nothing is said yet; the library limits how
     *     long it may be
     */
    private boolean takeSize(ByteBuf in) {
        int start = in.readerIndex();
        int end = in.indexOf(start + lookedAt, in.writerIndex(), HttpConstants.LF);
        if (end < 0) {
            lookedAt = in.readableBytes();
            return true;
        }
        long size = 0;
        int at = start;
        for (int digit = digit(in, at); digit >= 0; digit = digit(in, at)) {
            size = Math.min(size * HEX + digit, TOO_LARGE);
            at++;
        }
        boolean isNumber = at > start;
        while (in.getByte(at) == HttpConstants.SP || in.getByte(at) == HttpConstants.HT) {
            at++;
        }
        untilSize = size == 0 ? NO_CHUNKS : end + 1 - start + size + LINE_END_BYTES;
        return isNumber
                && (in.getByte(at) == HttpConstants.SEMICOLON || (in.getByte(at) == HttpConstants.CR && at + 1 == end));
    }

    private static int digit(ByteBuf in, int at) {
        return Character.digit(in.getByte(at), HEX);
    }

    @Override
    protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
        if (start > 0) {
            throw new IllegalArgumentException("a request begins with a space, expected its method");
        }
        return super.splitFirstWordInitialLine(line, start, length);
    }

    @Override
    protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
        var protocol = super.splitThirdWordInitialLine(line, start, length);
        if (!protocol.startsWith("HTTP/")) {
            throw new IllegalArgumentException("a request is of \"" + protocol + "\", expected HTTP/1.1");
        }
        return protocol;
    }
}
