// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.flow.Inbox;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
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
    private @Nullable ChannelHandlerContext context;
    private @Nullable ProxiedRequest current;
    private @Nullable ScheduledFuture<?> idle;
    private boolean draining;
    private boolean retired;

    public HttpStream(HttpService service, ClientConnection client, boolean http2) {
        this.service = service;
        this.client = client;
        this.http2 = http2;
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

    boolean isRetired() {
        return retired;
    }

    private void awaitRequest() {
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
        read();
    }

    ChannelHandlerContext context() {
        if (context == null) {
            throw new IllegalStateException("handler is in no pipeline yet");
        }
        return context;
    }

    /** Asks for the next piece of the request. */
    void read() {
        if (inbox.want()) {
            context().read();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
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
        if (idle != null) {
            idle.cancel(false);
            idle = null;
        }
        service.requestBegan();
        var exchange = new Exchange(client.remote(), client.local(), client.tls());
        current = new ProxiedRequest(this, service, client, exchange, http2);
        current.start(request);
    }

    private void malformed(Answer answer) {
        service.count("downstream_cx_protocol_error");
        if (current != null) {
            current.malformed(answer);
            return;
        }
        service.requestBegan();
        var exchange = new Exchange(client.remote(), client.local(), client.tls());
        current = new ProxiedRequest(this, service, client, exchange, http2);
        current.malformed(answer);
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
        } else if (!keep && requestDone) {
            closeAfterWrites();
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

    private void closeAfterWrites() {
        context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (current != null) {
            current.flushUpstream();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (current != null && ctx.channel().isWritable()) {
            current.clientWritable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        inbox.clear();
        if (idle != null) {
            idle.cancel(false);
        }
        var gone = current;
        current = null;
        if (gone != null) {
            gone.clientGone();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // what the client's end of the connection says about itself; the close is what matters
        var _ = ctx.close();
    }
}
