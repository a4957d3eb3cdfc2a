// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The requests of one connection, one after the other. Whoever does not finish one in time is cut off. */
final class Conversation extends SimpleChannelInboundHandler<HttpObject> {
    private static final Logger log = LoggerFactory.getLogger(Conversation.class);
    private static final Duration FIRST_REQUEST = Duration.ofSeconds(10);
    /** Longer than proxies keep a connection, so that they are the ones who close it. */
    private static final Duration NEXT_REQUEST = Duration.ofMinutes(3);

    private final Handler handler;
    private final boolean tls;
    private @Nullable HttpRequest asked;
    private @Nullable Future<?> deadline;

    Conversation(Handler handler, boolean tls) {
        this.handler = handler;
        this.tls = tls;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        expect(context, FIRST_REQUEST);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        unexpect();
    }

    private void expect(ChannelHandlerContext context, Duration patience) {
        unexpect();
        deadline = context.executor().schedule(() -> cut(context), patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void cut(ChannelHandlerContext context) {
        var _ = context.close();
    }

    private void unexpect() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    /** A body is read to its end and never looked at. */
    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        if (message instanceof HttpRequest request) {
            asked = request;
        }
        var request = asked;
        if (request == null) {
            return;
        }
        if (message.decoderResult().isFailure()) {
            asked = null;
            last(context, unreadable(message.decoderResult().cause()));
        } else if (message instanceof LastHttpContent) {
            asked = null;
            expect(context, NEXT_REQUEST);
            answer(context, request);
        }
    }

    private static Response unreadable(Throwable why) {
        return why instanceof TooLongHttpLineException || why instanceof TooLongHttpHeaderException
                ? Response.refusal(Response.HEADERS_TOO_LARGE, "431 Request Header Fields Too Large")
                : Response.refusal(Response.BAD_REQUEST, "400 Bad Request");
    }

    private void answer(ChannelHandlerContext context, HttpRequest message) {
        var refusal = Message.refusal(message);
        if (refusal.isPresent()) {
            last(context, refusal.get());
            return;
        }
        var peer = String.valueOf(context.channel().remoteAddress());
        var request = Message.read(message, tls, peer);
        if (request.isEmpty()) {
            last(context, Response.refusal(Response.BAD_REQUEST, "400 Bad Request"));
            return;
        }
        var response = written(handler.answer(request.get()), message.protocolVersion());
        if (request.get().method().equals("HEAD")) {
            response.content().clear();
        }
        boolean stays = HttpUtil.isKeepAlive(message);
        HttpUtil.setKeepAlive(response, stays);
        var sent = context.writeAndFlush(response);
        if (!stays) {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private static void last(ChannelHandlerContext context, Response refusal) {
        var response = written(refusal, HttpVersion.HTTP_1_1);
        HttpUtil.setKeepAlive(response, false);
        context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    private static FullHttpResponse written(Response response, HttpVersion version) {
        var body = Unpooled.copiedBuffer(response.body(), StandardCharsets.UTF_8);
        var message = new DefaultFullHttpResponse(version, HttpResponseStatus.valueOf(response.status()), body);
        response.headers().forEach(message.headers()::set);
        message.headers().set(HttpHeaderNames.DATE, HttpDate.text(Instant.now()));
        if (response.status() != Response.NOT_MODIFIED) {
            HttpUtil.setContentLength(message, body.readableBytes());
        }
        return message;
    }

    /** Who does not take the answers there are is not read. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        context.channel().config().setAutoRead(context.channel().isWritable());
        context.fireChannelWritabilityChanged();
    }

    /** A client that breaks off, or a handshake that fails, ends its own connection and nothing else. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable why) {
        log.atDebug()
                .addKeyValue("peer", context.channel().remoteAddress())
                .addKeyValue("error", Optional.ofNullable(why.getMessage()).orElse(why.toString()))
                .log("connection has failed");
        cut(context);
    }
}
