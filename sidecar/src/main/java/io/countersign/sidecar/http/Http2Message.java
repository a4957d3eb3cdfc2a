// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Stands before what makes an HTTP/2 stream into a request and lets nothing malformed through (RFC 9113, section 8.1.1): what is
 * not whole there could pass for something else further on, where HTTP/1.1 is spoken. Lives on one event loop.
 */
final class Http2Message extends ChannelInboundHandlerAdapter {
    private static final long UNKNOWN = -1;

    private static final int DELETE = 0x7f;

    private boolean begun;
    private boolean refused;
    private long announced = UNKNOWN;
    private long come;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        if (refused) {
            ReferenceCountUtil.release(frame);
        } else if (isSound(frame)) {
            ctx.fireChannelRead(frame);
        } else {
            refused = true;
            ReferenceCountUtil.release(frame);
            ctx.fireExceptionCaught(new Http2Exception(Http2Error.PROTOCOL_ERROR, "malformed request"));
        }
    }

    private boolean isSound(Object frame) {
        return switch (frame) {
            case Http2HeadersFrame head
            when !begun -> {
                begun = true;
                yield isRequest(head.headers()) && isLengthKept(head.isEndStream());
            }
            case Http2HeadersFrame trailers ->
                trailers.isEndStream() && isTrailer(trailers.headers()) && isLengthKept(true);
            case Http2DataFrame data -> {
                come += data.content().readableBytes();
                yield begun && isLengthKept(data.isEndStream());
            }
            default -> true;
        };
    }

    /** Section 8.3.1; CONNECT has an authority only and is answered as something that is not forwarded. */
    private boolean isRequest(Http2Headers headers) {
        var method = headers.method();
        var length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        if (length != null) {
            if (!length.toString().matches("[0-9]{1,18}")) {
                return false;
            }
            announced = Long.parseLong(length.toString());
        }
        return method != null
                && !method.isEmpty()
                && HttpHeaderValidationUtil.validateToken(method) < 0
                && (method.toString().equalsIgnoreCase("CONNECT")
                        ? isVisible(headers.authority())
                        : headers.scheme() != null && isVisible(headers.path()));
    }

    /** What is not makes the codec fail, after it has taken memory for the body. */
    private static boolean isVisible(@Nullable CharSequence text) {
        return text != null && !text.isEmpty() && text.chars().allMatch(letter -> letter > ' ' && letter != DELETE);
    }

    /** Section 8.1: no pseudo-header fields. */
    private static boolean isTrailer(Http2Headers headers) {
        for (var header : headers) {
            if (!header.getKey().isEmpty() && header.getKey().charAt(0) == ':') {
                return false;
            }
        }
        return true;
    }

    private boolean isLengthKept(boolean end) {
        return announced == UNKNOWN || come == announced || (!end && come < announced);
    }
}
