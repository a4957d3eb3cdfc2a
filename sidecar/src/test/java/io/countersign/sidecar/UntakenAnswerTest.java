// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Answers that are there and that the client does not let in. */
@Timeout(60)
class UntakenAnswerTest {
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final LinkedBlockingQueue<Object> seen = new LinkedBlockingQueue<>();

    @TempDir
    Path folder;

    @AfterEach
    void stop() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** A connection in HTTP/2 whose streams take no body. */
    private Channel connect(InetSocketAddress address) {
        return new Bootstrap()
                .group(loops)
                .channel(EpollSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(Http2FrameCodecBuilder.forClient()
                                        .initialSettings(Http2Settings.defaultSettings()
                                                .pushEnabled(false)
                                                .initialWindowSize(0))
                                        .build())
                                .addLast(new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                    }
                })
                .connect(address)
                .awaitUninterruptibly()
                .channel();
    }

    private void ask(Channel connection) {
        var stream = new Http2StreamChannelBootstrap(connection)
                .handler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object frame) {
                        seen.add(frame);
                        ReferenceCountUtil.release(frame);
                    }

                    @Override
                    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                        seen.add(event);
                    }
                })
                .open()
                .awaitUninterruptibly()
                .getNow();
        var head = new DefaultHttp2Headers()
                .method("GET")
                .scheme("http")
                .authority("x")
                .path("/");
        var _ = stream.writeAndFlush(new DefaultHttp2HeadersFrame(head, true));
    }

    private <T> T next(Class<T> kind) throws InterruptedException {
        while (true) {
            var frame = seen.poll(30, TimeUnit.SECONDS);
            if (frame == null) {
                throw new AssertionError("no " + kind.getSimpleName());
            }
            if (kind.isInstance(frame)) {
                return kind.cast(frame);
            }
        }
    }

    @Test
    void streamIsResetWhenItsClientOpensNoWindow() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var sidecar = hop.start(
                    PlainFile.of(
                            "", "connect_timeout: 20s", hop.app.getAddress().getPort()),
                    text -> text.replace("stat_prefix: out", "stat_prefix: out\n          stream_idle_timeout: 3s"));
            ask(connect(sidecar.address("outbound").orElseThrow()));

            assertEquals("200", next(Http2HeadersFrame.class).headers().status().toString());
            assertEquals(Http2Error.CANCEL.code(), next(Http2ResetFrame.class).errorCode());
            var stats = hop.admin(sidecar, "/stats");
            assertTrue(stats.contains("http2.tx_flush_timeout: 1\n"), stats);
        }
    }
}
