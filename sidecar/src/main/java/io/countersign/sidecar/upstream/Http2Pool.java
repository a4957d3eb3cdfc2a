// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import io.countersign.sidecar.flow.KnownFrames;
import io.countersign.sidecar.flow.Quiet;
import io.countersign.sidecar.tls.Expiry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 with prior knowledge: all exchanges on one connection, each on a stream of its own; a new connection when the
 * old one is gone. Lives on one event loop.
 */
final class Http2Pool implements HttpPool {
    private static final int WINDOW = 1 << 20;
    /** The codec would end the connection with its streams. */
    private static final int UNTIL_STREAMS_END = -1;

    private final EventLoop loop;
    private final Connector connector;
    private final SocketAddress endpoint;
    private final Duration idleTimeout;
    private final List<Waiting> queue = new ArrayList<>();
    private @Nullable Open open;
    private boolean connecting;
    private boolean retired;

    /** Where new streams go, and the timer of its being without any. */
    private record Open(Connection connection, Quiet quiet) {}

    Http2Pool(EventLoop loop, Connector connector, SocketAddress endpoint, Duration idleTimeout) {
        this.loop = loop;
        this.connector = connector;
        this.endpoint = endpoint;
        this.idleTimeout = idleTimeout;
    }

    @Override
    public void acquire(Waiting waiting) {
        var usable = open;
        if (usable != null && usable.connection().channel().isActive()) {
            openStream(usable, waiting);
            return;
        }
        queue.add(waiting);
        if (!connecting) {
            connecting = true;
            connector.connect(loop, endpoint, new Connecting());
        }
    }

    @Override
    public void retire() {
        retired = true;
        if (open != null) {
            end(open.connection());
        }
    }

    private final class Connecting implements Connection.Waiting {
        @Override
        public void connected(Connection connection) {
            connecting = false;
            var usable = new Open(connection, equip(connection));
            open = usable;
            drain().forEach(waiting -> openStream(usable, waiting));
            if (retired) {
                end(connection);
            }
        }

        @Override
        public void failed(UpstreamFailure failure, String host) {
            connecting = false;
            drain().forEach(waiting -> waiting.failed(failure, host));
        }
    }

    private List<Waiting> drain() {
        var waiting = List.copyOf(queue);
        queue.clear();
        return waiting;
    }

    private Quiet equip(Connection connection) {
        var channel = connection.channel();
        var codec = Http2FrameCodecBuilder.forClient()
                .initialSettings(
                        Http2Settings.defaultSettings().pushEnabled(false).initialWindowSize(WINDOW))
                .gracefulShutdownTimeoutMillis(UNTIL_STREAMS_END)
                .build();
        channel.pipeline()
                .addLast(codec)
                .addLast(new KnownFrames())
                // a server opens no streams
                .addLast(new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()))
                .addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object frame) {
                        if (frame instanceof Http2GoAwayFrame) {
                            // what is open goes on, the next stream is another connection's
                            forget(connection);
                        }
                        ReferenceCountUtil.release(frame);
                    }
                });
        channel.closeFuture().addListener(closed -> forget(connection));
        connector.watch(connection, new Expiry.Ending() {
            @Override
            public void retire() {
                end(connection);
            }

            @Override
            public void expire() {
                // as before
            }
        });
        return Quiet.watch(channel, idleTimeout, () -> {
            if (codec.connection().numActiveStreams() == 0) {
                connector.idle();
                end(connection);
            }
        });
    }

    /** Streams that are open go on; the codec says good-bye when the last has ended. */
    private void end(Connection connection) {
        forget(connection);
        var _ = connection.channel().close();
    }

    private void forget(Connection connection) {
        if (open != null && connection.equals(open.connection())) {
            open = null;
        }
    }

    private void openStream(Open usable, Waiting waiting) {
        var connection = usable.connection();
        var quiet = usable.quiet();
        var stream = new UpstreamStream(connection, true, () -> {});
        new Http2StreamChannelBootstrap(connection.channel())
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        quiet.touch();
                        channel.closeFuture().addListener(closed -> quiet.touch());
                        channel.config().setAutoRead(false);
                        channel.pipeline()
                                .addLast(new Http2StreamFrameToHttpObjectCodec(false))
                                .addLast(stream);
                    }
                })
                .open()
                .addListener(opened -> {
                    if (opened.isSuccess()) {
                        waiting.ready(stream);
                    } else {
                        // the server is leaving, or holds as many streams as it wants to
                        forget(connection);
                        waiting.failed(UpstreamFailure.lost(opened.cause()), connection.host());
                    }
                });
    }
}
