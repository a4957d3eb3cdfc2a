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
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Stands before what makes an HTTP/2 stream into a request and lets nothing malformed through (RFC 9113, section 8.1.1): what is
 * not whole there could pass for something else further on, where HTTP/1.1 is spoken. Lives on one event loop.
 */
final class Http2Message extends ChannelInboundHandlerAdapter {
    private static final long UNKNOWN = -1;

    private static final int DELETE = 0x7f;

    /** Section 3.1 of RFC 3986. */
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*");

    /** Of extended CONNECT (RFC 8441), which nobody is offered. */
    private static final String PROTOCOL = ":protocol";

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
                && headers.size() <= HeadCheck.MOST_HEADERS
                && isHost(headers.get(HttpHeaderNames.HOST))
                && isHost(headers.authority())
                && (method.toString().equalsIgnoreCase("CONNECT")
                        ? isVisible(headers.authority())
                        : !headers.contains(PROTOCOL) && isScheme(headers.scheme()) && isPath(headers.path()));
    }

    private static boolean isHost(@Nullable CharSequence host) {
        return host == null || Authority.isSound(host);
    }

    private static boolean isScheme(@Nullable CharSequence scheme) {
        return scheme != null && SCHEME.matcher(scheme).matches();
    }

    /** In absolute form it would name a host besides that of the authority. */
    private static boolean isPath(@Nullable CharSequence path) {
        return path != null
                && isVisible(path)
                && (path.charAt(0) == '/' || path.toString().equals("*"));
    }

    /** What is not makes the codec fail, after it has taken memory for the body. */
    private static boolean isVisible(@Nullable CharSequence text) {
        return text != null && !text.isEmpty() && text.chars().allMatch(letter -> letter > ' ' && letter < DELETE);
    }

    /** Section 8.1: no pseudo-header fields, and none that could pass for the framing of HTTP/1.1 where trailers are merged. */
    private static boolean isTrailer(Http2Headers headers) {
        for (var header : headers) {
            var name = header.getKey();
            if ((!name.isEmpty() && name.charAt(0) == ':') || HttpHeaderNames.CONTENT_LENGTH.contentEquals(name)) {
                return false;
            }
        }
        return true;
    }

    private boolean isLengthKept(boolean end) {
        return announced == UNKNOWN || come == announced || (!end && come < announced);
    }
}
