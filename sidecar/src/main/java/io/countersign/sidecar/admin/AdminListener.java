// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import io.countersign.sidecar.accesslog.AccessLogs;
import io.countersign.sidecar.bootstrap.Bootstrap;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.flow.Quiet;
import io.countersign.sidecar.format.HttpDate;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers people, probes and scrapers. There is no authentication, as in Envoy: whoever reaches the address may stop the
 * sidecar, so it belongs on loopback.
 */
public final class AdminListener implements AutoCloseable {
    private static final int MAX_BODY = 64 * 1024;

    private final Bootstrap.Admin config;
    private final AdminPages pages;
    private final AccessLogs logs;
    private final Limits limits;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private volatile @Nullable Channel server;

    /**
     * What the admin listener takes of its clients, who are few and quick.
     *
     * @param connections how many are held at once; more are closed as they come
     * @param patience how long a connection is kept on which no request comes to its end, and no answer is taken
     */
    public record Limits(int connections, Duration patience) {
        /** Longer than Prometheus pauses between two questions unless it is told to. */
        private static final Duration PATIENCE = Duration.ofSeconds(90);

        public static final Limits STANDARD = new Limits(100, PATIENCE);
    }

    public AdminListener(Bootstrap.Admin config, AdminView view, AccessLogs logs, Limits limits) {
        this.config = config;
        this.pages = new AdminPages(view);
        this.logs = logs;
        this.limits = limits;
    }

    /** @throws IOException if the address cannot be listened on */
    public void open(EventLoopGroup loops) throws IOException {
        var binding = new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (connections.size() >= limits.connections()) {
                            var _ = channel.close();
                            return;
                        }
                        connections.add(channel);
                        var quiet = Quiet.watch(channel, limits.patience(), () -> {
                            var _ = channel.close();
                        });
                        channel.pipeline()
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpObjectAggregator(MAX_BODY))
                                .addLast(new Handler(quiet));
                    }
                })
                .bind(new InetSocketAddress(
                        config.address().host(), config.address().port()))
                .awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new IOException(
                    "cannot listen on " + config.address() + " for admin: "
                            + binding.cause().getMessage(),
                    binding.cause());
        }
        server = binding.channel();
    }

    /** @throws IllegalStateException before it is open */
    public InetSocketAddress address() {
        if (server != null && server.localAddress() instanceof InetSocketAddress bound) {
            return bound;
        }
        throw new IllegalStateException("admin listener is not open");
    }

    @Override
    public void close() {
        if (server != null) {
            server.close().awaitUninterruptibly();
        }
    }

    private final class Handler extends SimpleChannelInboundHandler<FullHttpRequest> {
        private final Quiet quiet;

        Handler(Quiet quiet) {
            this.quiet = quiet;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            quiet.touch();
            var exchange =
                    new Exchange(ctx.channel().remoteAddress(), ctx.channel().localAddress(), null);
            exchange.request(
                    request.method().name(),
                    request.uri(),
                    Optional.ofNullable(request.headers().get(HttpHeaderNames.HOST))
                            .orElse(""),
                    request.protocolVersion().text(),
                    request.headers());
            var page = pages.page(request.method().name(), request.uri());
            var body = Unpooled.copiedBuffer(page.body(), StandardCharsets.UTF_8);
            var response =
                    new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(page.status()), body);
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, page.type())
                    .set(HttpHeaderNames.CACHE_CONTROL, "no-cache, max-age=0")
                    .set("x-content-type-options", "nosniff")
                    .set(HttpHeaderNames.DATE, HttpDate.now())
                    .set(HttpHeaderNames.SERVER, "envoy")
                    .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
            boolean keep = HttpUtil.isKeepAlive(request);
            if (!keep) {
                response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            }
            exchange.response(page.status(), response.headers(), "");
            exchange.sent(body.readableBytes());
            exchange.ended();
            logs.log(exchange);
            var written = ctx.writeAndFlush(response);
            written.addListener(done -> {
                quiet.touch();
                page.afterwards().run();
            });
            if (!keep) {
                written.addListener(ChannelFutureListener.CLOSE);
            }
        }

        /** Who does not take the answers there are is not read. */
        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            ctx.channel().config().setAutoRead(ctx.channel().isWritable());
            ctx.fireChannelWritabilityChanged();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // of the client's connection; it is closed and the client may come again
            var _ = ctx.close();
        }
    }
}
