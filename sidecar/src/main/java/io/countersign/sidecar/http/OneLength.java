// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2FrameLogger;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.logging.LogLevel;

/**
 * Has the HTTP/2 codec refuse a head that says the length of its body more than once, as Envoy does. The codec makes one length of
 * equal ones, and a logger is all that it shows a head to before that. Nothing is logged.
 */
public final class OneLength extends Http2FrameLogger {
    /** Which the codec refuses. */
    private static final String NO_NUMBER = "several";

    public OneLength() {
        super(LogLevel.TRACE);
    }

    @Override
    public boolean isEnabled() {
        return false;
    }

    @Override
    public void logHeaders(
            Direction direction,
            ChannelHandlerContext ctx,
            int stream,
            Http2Headers headers,
            int padding,
            boolean endStream) {
        look(direction, headers);
    }

    @Override
    public void logHeaders(
            Direction direction,
            ChannelHandlerContext ctx,
            int stream,
            Http2Headers headers,
            int dependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean endStream) {
        look(direction, headers);
    }

    private static void look(Direction direction, Http2Headers headers) {
        if (direction == Direction.INBOUND) {
            var lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
            if (lengths.size() > 1
                    || lengths.stream().anyMatch(length -> length.toString().contains(","))) {
                headers.set(HttpHeaderNames.CONTENT_LENGTH, NO_NUMBER);
            }
        }
    }
}
