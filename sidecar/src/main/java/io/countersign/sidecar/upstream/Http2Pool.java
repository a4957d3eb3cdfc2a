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
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 with prior knowledge: exchanges share a connection, each on a stream of its own. There is another one when the endpoint
 * takes no more streams on those that there are, and a new one when the old is gone. Lives on one event loop.
 */
final class Http2Pool implements HttpPool {
    private static final int WINDOW = 1 << 20;
    /** The codec would end the connection with its streams. */
    private static final int UNTIL_STREAMS_END = -1;
    /** As long as an endpoint has not said how many it takes; it should not say less (RFC 9113, section 6.5.2). */
    private static final int STREAMS_AT_FIRST = 100;

    private final EventLoop loop;
    private final Connector connector;
    private final SocketAddress endpoint;
    private final Duration idleTimeout;
    private final Deque<Waiting> queue = new ArrayDeque<>();
    /** Where new streams go. */
    private final List<Open> usable = new ArrayList<>();

    private boolean connecting;
    private boolean retired;

    Http2Pool(EventLoop loop, Connector connector, SocketAddress endpoint, Duration idleTimeout) {
        this.loop = loop;
        this.connector = connector;
        this.endpoint = endpoint;
        this.idleTimeout = idleTimeout;
    }

    @Override
    public void acquire(Waiting waiting) {
        queue.add(waiting);
        lend();
        grow();
    }

    @Override
    public void retire() {
        retired = true;
        List.copyOf(usable).forEach(Open::end);
    }

    /** Gives streams to those who wait, as long as there are some to be had. */
    private void lend() {
        for (var open = free(); open != null && !queue.isEmpty(); open = free()) {
            open.openStream(queue.remove());
        }
    }

    private @Nullable Open free() {
        for (var open : usable) {
            if (open.hasRoom()) {
                return open;
            }
        }
        return null;
    }

    /** Who is not served by now needs another connection, unless one is coming, or has still to say how much it takes. */
    private void grow() {
        if (queue.isEmpty() || connecting || !usable.stream().allMatch(open -> open.told)) {
            return;
        }
        // one connection is let every loop have, as nobody would ever wake those who wait otherwise
        if (usable.isEmpty() || connector.hasRoom()) {
            connecting = true;
            connector.connect(loop, endpoint, new Connecting());
        }
    }

    private final class Connecting implements Connection.Waiting {
        @Override
        public void connected(Connection connection) {
            connecting = false;
            var open = new Open(connection);
            usable.add(open);
            open.equip();
            lend();
            if (retired) {
                open.end();
            }
        }

        /** Nobody of those who wait is kept waiting, as with Envoy: they may try elsewhere. */
        @Override
        public void failed(UpstreamFailure failure, String host) {
            connecting = false;
            var all = List.copyOf(queue);
            queue.clear();
            all.forEach(waiting -> waiting.failed(failure, host));
        }
    }

    /** One connection. */
    private final class Open {
        private final Connection connection;
        private final Http2FrameCodec codec;
        private final Quiet quiet;
        private int streams;
        /** Whether the endpoint has said how many streams it takes. */
        private boolean told;

        Open(Connection connection) {
            this.connection = connection;
            codec = Http2FrameCodecBuilder.forClient()
                    .initialSettings(
                            Http2Settings.defaultSettings().pushEnabled(false).initialWindowSize(WINDOW))
                    .gracefulShutdownTimeoutMillis(UNTIL_STREAMS_END)
                    .build();
            quiet = Quiet.watch(connection.channel(), idleTimeout, this::endIfUnused);
        }

        private void endIfUnused() {
            if (codec.connection().numActiveStreams() == 0) {
                connector.idle();
                end();
            }
        }

        void equip() {
            codec.connection().addListener(new Http2ConnectionAdapter() {
                @Override
                public void onStreamClosed(Http2Stream stream) {
                    freed();
                }
            });
            connection
                    .channel()
                    .pipeline()
                    .addLast(codec)
                    .addLast(new KnownFrames())
                    // a server opens no streams
                    .addLast(new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()))
                    .addLast(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelRead(ChannelHandlerContext ctx, Object frame) {
                            heard(frame);
                            ReferenceCountUtil.release(frame);
                        }
                    });
            connection.channel().closeFuture().addListener(closed -> forget());
            connector.watch(connection, new Expiry.Ending() {
                @Override
                public void retire() {
                    end();
                }

                @Override
                public void expire() {
                    // as before
                }
            });
        }

        private void heard(Object frame) {
            if (frame instanceof Http2GoAwayFrame) {
                // what is open goes on, the next stream is another connection's
                forget();
            } else if (frame instanceof Http2SettingsFrame) {
                told = true;
                lend();
                grow();
            }
        }

        /** Streams that are open go on; the codec says good-bye when the last has ended. */
        void end() {
            forget();
            var _ = connection.channel().close();
        }

        private void forget() {
            if (usable.remove(this)) {
                grow();
            }
        }

        /** The codec does not count streams that have sent nothing yet; it does those whose reset is not written. */
        boolean hasRoom() {
            var local = codec.connection().local();
            int most = told ? local.maxActiveStreams() : STREAMS_AT_FIRST;
            return connection.channel().isActive() && Math.max(streams, local.numActiveStreams()) < most;
        }

        /** A stream has ended. Its place is given away later, as the codec is in the middle of it. */
        private void freed() {
            if (!queue.isEmpty()) {
                loop.execute(Http2Pool.this::lend);
            }
        }

        void openStream(Waiting waiting) {
            var stream = new UpstreamStream(connection, true, () -> {});
            new Http2StreamChannelBootstrap(connection.channel())
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            streams++;
                            quiet.touch();
                            channel.closeFuture().addListener(closed -> {
                                streams--;
                                quiet.touch();
                                freed();
                            });
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
                            // the server is leaving
                            forget();
                            waiting.failed(UpstreamFailure.lost(opened.cause()), connection.host());
                        }
                    });
        }
    }
}
