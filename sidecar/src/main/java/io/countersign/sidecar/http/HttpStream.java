// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.flow.Inbox;
import io.countersign.sidecar.flow.WhileOpen;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where requests come in: the last handler of a client's HTTP/1.1 connection, whose requests it takes one after the
 * other, or of one HTTP/2 stream. Reads on only when the request before is answered. Lives on one event loop.
 */
public final class HttpStream extends ChannelInboundHandlerAdapter {
    /** How long the rest of a request is read and dropped after it was refused, so that the client sees the answer. */
    private static final Duration DRAIN = Duration.ofSeconds(1);

    private final HttpService service;
    private final ClientConnection client;
    private final boolean http2;
    private final Inbox inbox = new Inbox(this::deliver);
    private final HeadClock clock;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ProxiedRequest current;
    private @Nullable ScheduledFuture<?> idle;
    /** Who does not take the answers there are is not asked for another request. */
    private boolean held;

    private boolean draining;
    private boolean reading;
    private boolean retired;

    private HttpStream(HttpService service, ClientConnection client, boolean http2) {
        this.service = service;
        this.client = client;
        this.http2 = http2;
        this.clock = new HeadClock(service.config().timeouts(), this::busy, this::headless);
    }

    /** Puts what carries HTTP/1.1 into a pipeline that has nothing of it yet. */
    public static void http1(
            ChannelPipeline pipeline, RequestCodec codec, HttpService service, ClientConnection client) {
        var stream = new HttpStream(service, client, false);
        pipeline.addLast(stream.clock).addLast(codec).addLast(stream);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        ctx.channel().config().setAutoRead(false);
        awaitRequest();
    }

    /** The answer to the present request, or to the next one, is the last of this connection. */
    public void retire() {
        retired = true;
    }

    /** The connection is no longer one of requests; it is taken out of the pipeline next. */
    void leave() {
        current = null;
    }

    /** Whether it waits for a request of which nothing has come. */
    public boolean isIdle() {
        return current == null && !draining;
    }

    boolean isRetired() {
        return retired;
    }

    /** Puts what carries one HTTP/2 stream into its pipeline. */
    public static void http2(ChannelPipeline pipeline, HttpService service, ClientConnection client) {
        pipeline.addLast(new Http2Message())
                .addLast(new Http2StreamFrameToHttpObjectCodec(true))
                .addLast(new HttpStream(service, client, true));
    }

    private void awaitRequest() {
        clock.awaitHead();
        var timeout = service.config().timeouts().idle();
        if (!http2 && !timeout.isZero()) {
            idle = context()
                    .executor()
                    .schedule(
                            () -> {
                                service.idleClosed();
                                var _ = context().close();
                            },
                            timeout.toMillis(),
                            TimeUnit.MILLISECONDS);
        }
        held = !http2 && !context().channel().isWritable();
        if (!held) {
            read();
        }
    }

    ChannelHandlerContext context() {
        if (context == null) {
            throw new IllegalStateException("handler is in no pipeline yet");
        }
        return context;
    }

    EventLoop loop() {
        return context().channel().eventLoop();
    }

    /** Asks for the next piece of the request. */
    void read() {
        if (inbox.want()) {
            context().read();
        }
    }

    /** Whether what goes to an upstream now is followed by a flush, when all that has come is read. */
    boolean isReading() {
        return reading;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        reading = true;
        inbox.arrived(message);
    }

    private void deliver(Object message) {
        if (draining) {
            boolean last = message instanceof LastHttpContent;
            ReferenceCountUtil.release(message);
            if (last) {
                var _ = context().close();
            } else {
                read();
            }
            return;
        }
        if (message instanceof HttpObject object && object.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            malformed(HeadCheck.unreadable(object.decoderResult().cause()));
            return;
        }
        if (message instanceof HttpRequest request) {
            begin(request);
        }
        if (message instanceof HttpContent content) {
            if (current != null) {
                current.content(content);
            } else {
                // the empty end of a request that was answered at once
                content.release();
                read();
            }
        } else if (!(message instanceof HttpRequest)) {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(HttpRequest request) {
        var refusal = http2 ? Optional.<Answer>empty() : HeadCheck.refusal(request);
        if (refusal.isPresent()) {
            malformed(refusal.get());
            return;
        }
        busy();
        clock.headCame();
        service.requestBegan();
        var exchange = client.begin();
        current = new ProxiedRequest(this, service, client, exchange, http2);
        current.start(request);
    }

    private void malformed(Answer answer) {
        service.malformedConnection();
        // there will be no other head on this connection
        clock.headCame();
        if (current != null) {
            current.malformed(answer);
        } else {
            headless(answer);
        }
    }

    /** A request that is not known to be one, answered and logged all the same. */
    private void headless(Answer answer) {
        service.requestBegan();
        var exchange = client.begin();
        current = new ProxiedRequest(this, service, client, exchange, http2);
        current.malformed(answer);
    }

    private void busy() {
        if (idle != null) {
            idle.cancel(false);
            idle = null;
        }
    }

    /**
     * The answer is on its way in full.
     *
     * @param requestDone whether the whole request was read
     * @param keep whether the connection may carry another request
     */
    void finished(boolean requestDone, boolean keep) {
        current = null;
        if (http2) {
            // the end of the answer has ended the stream, or a reset does
            if (!requestDone) {
                closeAfterWrites();
            }
            endIfNotTaken();
        } else if (!keep && requestDone) {
            closeAfterWrites();
            endIfNotTaken();
        } else if (!keep) {
            draining = true;
            var _ = context()
                    .executor()
                    .schedule(
                            () -> {
                                var _ = context().close();
                            },
                            DRAIN.toMillis(),
                            TimeUnit.MILLISECONDS);
            read();
        } else {
            awaitRequest();
        }
    }

    /** An answer that the client does not take is kept no longer than a request in which nothing moves. */
    private void endIfNotTaken() {
        var limit = service.config().timeouts().streamIdle();
        if (!limit.isZero()) {
            WhileOpen.after(context().channel(), limit, () -> {
                if (http2) {
                    service.streamNotTaken();
                }
                cutOff(Http2Error.CANCEL);
            });
        }
    }

    private void closeAfterWrites() {
        context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        if (current != null) {
            current.flushUpstream();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!ctx.channel().isWritable()) {
            return;
        }
        if (current != null) {
            current.clientWritable();
        } else if (held) {
            held = false;
            read();
        }
    }

    /** A stream with frames that nobody has read does not end by itself when the client resets it. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame) {
            ctx.executor().execute(() -> {
                var _ = ctx.close();
            });
        }
        ctx.fireUserEventTriggered(event);
    }

    /** Nobody takes what is left when another protocol takes its place. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        inbox.clear();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        inbox.clear();
        busy();
        var gone = current;
        current = null;
        if (gone != null) {
            gone.clientGone();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // what the client's end of the connection says about itself; the close is what matters
        cutOff(cause instanceof Http2Exception malformed ? malformed.error() : Http2Error.INTERNAL_ERROR);
    }

    /**
     * Ends it in the middle. Netty says nothing of that on an HTTP/2 stream whose client has said all, and the client would wait
     * for ever.
     */
    void cutOff(Http2Error error) {
        if (http2) {
            context().writeAndFlush(new DefaultHttp2ResetFrame(error)).addListener(ChannelFutureListener.CLOSE);
        } else {
            var _ = context().close();
        }
    }
}
