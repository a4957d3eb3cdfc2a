// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.tcp;

import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.flow.Quiet;
import io.countersign.sidecar.flow.WhileOpen;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.function.IntConsumer;

/**
 * Two connections joined: what one brings the other gets, and the reader waits while the writer cannot keep up. When one
 * ends, the other ends after it has written what it has. Both live on one event loop.
 */
public final class Tunnel {
    private static final Duration LAST_BYTES = Duration.ofMinutes(5);

    private final Exchange exchange;
    private final Quiet quiet;
    private final Runnable ended;
    private boolean over;

    private Tunnel(Exchange exchange, Quiet quiet, Runnable ended) {
        this.exchange = exchange;
        this.quiet = quiet;
        this.ended = ended;
    }

    /** @param ended called once, when the first of the two is gone and the other will follow */
    public static void join(Channel client, Channel upstream, Exchange exchange, Duration idleTimeout, Runnable ended) {
        if (!client.isActive()) {
            var _ = upstream.close();
            exchange.ended();
            ended.run();
            return;
        }
        var quiet = Quiet.watch(client, idleTimeout, () -> {
            var _ = client.close();
        });
        var tunnel = new Tunnel(exchange, quiet, ended);
        client.pipeline().addLast(tunnel.new End(upstream, exchange::received, () -> {}));
        upstream.pipeline().addLast(tunnel.new End(client, exchange::sent, () -> exchange.flag(ResponseFlag.UR)));
        client.config().setAutoRead(true);
        upstream.config().setAutoRead(true);
    }

    /**
     * Lets one direction end before the other, for protocols that say so much by an end. Netty's engine on BoringSSL ends both
     * directions of a TLS connection once the peer has ended its own.
     */
    static void halfClosable(Channel channel) {
        if (channel.pipeline().get(SslHandler.class) == null) {
            var _ = channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
    }

    /** Reads one connection and writes the other. */
    private final class End extends ChannelInboundHandlerAdapter {
        private final Channel other;
        private final IntConsumer counter;
        private final Runnable reset;

        End(Channel other, IntConsumer counter, Runnable reset) {
            this.other = other;
            this.counter = counter;
            this.reset = reset;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf bytes) {
                quiet.touch();
                counter.accept(bytes.readableBytes());
                other.write(bytes).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
                if (!other.isWritable()) {
                    ctx.channel().config().setAutoRead(false);
                }
            } else {
                // the empty end of the answer by which an HTTP connection became this one
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            other.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (ctx.channel().isWritable()) {
                other.config().setAutoRead(true);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (!over) {
                over = true;
                exchange.ended();
                ended.run();
            }
            other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            // who takes nothing does not take the last bytes either
            WhileOpen.after(other, LAST_BYTES, () -> {
                var _ = other.close();
            });
        }

        /** This end has said all; it may still listen. */
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
                    if (other instanceof DuplexChannel duplex
                            && other.pipeline().get(SslHandler.class) == null) {
                        var _ = duplex.shutdownOutput();
                        if (duplex.isInputShutdown()) {
                            var _ = ctx.close();
                        }
                    } else {
                        var _ = other.close();
                    }
                });
            }
            ctx.fireUserEventTriggered(event);
        }

        /** A reset is passed on as one, so that nobody takes what came for all. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (cause instanceof IOException && !over) {
                reset.run();
                var _ = other.config().setOption(ChannelOption.SO_LINGER, 0);
                var _ = other.close();
            }
            var _ = ctx.close();
        }
    }
}
