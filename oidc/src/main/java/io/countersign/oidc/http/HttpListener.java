// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.http;

import io.countersign.rpc.UnixSocketFile;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/** HTTP/1.1 on one address, with one thread for all connections. Closing it cuts them. */
public final class HttpListener implements AutoCloseable {
    private static final int LONGEST_LINE = 8 * 1024;
    private static final int LONGEST_HEADERS = 64 * 1024;
    private static final int CHUNK = 8 * 1024;
    private static final long CLOSE_PATIENCE_MILLIS = 500;

    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("http-io", true), EpollIoHandler.newFactory());
    private final Channel listening;

    private HttpListener(
            Class<? extends ServerChannel> kind, SocketAddress address, Optional<SSLContext> tls, Handler handler)
            throws IOException {
        var bound = new ServerBootstrap()
                .group(loop)
                .channel(kind)
                .childHandler(new Accepted(tls, handler))
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            end();
            var reason = Optional.ofNullable(bound.cause());
            throw new IOException(
                    "cannot listen on " + address + ": "
                            + reason.map(Throwable::getMessage).orElse("no reason given"),
                    reason.orElse(null));
        }
        listening = bound.channel();
    }

    /** Sets up each connection. */
    private static final class Accepted extends ChannelInitializer<Channel> {
        private final Optional<SSLContext> tls;
        private final Handler handler;

        Accepted(Optional<SSLContext> tls, Handler handler) {
            this.tls = tls;
            this.handler = handler;
        }

        @Override
        protected void initChannel(Channel channel) {
            tls.ifPresent(context -> {
                var engine = context.createSSLEngine();
                engine.setUseClientMode(false);
                channel.pipeline().addLast(new SslHandler(engine));
            });
            channel.pipeline()
                    .addLast(new HttpServerCodec(LONGEST_LINE, LONGEST_HEADERS, CHUNK))
                    .addLast(new Conversation(handler, tls.isPresent()));
        }
    }

    /** @throws IOException if the address is in use or not this machine's */
    public static HttpListener onTcp(InetSocketAddress address, Handler handler) throws IOException {
        return new HttpListener(EpollServerSocketChannel.class, address, Optional.empty(), handler);
    }

    /** @param tls asked for each connection */
    public static HttpListener onTls(InetSocketAddress address, SSLContext tls, Handler handler) throws IOException {
        return new HttpListener(EpollServerSocketChannel.class, address, Optional.of(tls), handler);
    }

    /** Anybody on this machine may connect, as with the original. */
    public static HttpListener onUnixSocket(Path socket, Handler handler) throws IOException {
        UnixSocketFile.prepare(socket);
        var listener = new HttpListener(
                EpollServerDomainSocketChannel.class,
                new DomainSocketAddress(socket.toFile()),
                Optional.empty(),
                handler);
        UnixSocketFile.permit(socket, 0777);
        return listener;
    }

    /** The TCP port listened on; -1 for a Unix socket. */
    public int port() {
        return listening.localAddress() instanceof InetSocketAddress tcp ? tcp.getPort() : -1;
    }

    private void end() {
        loop.shutdownGracefully(0, CLOSE_PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_PATIENCE_MILLIS);
    }

    /** The listener takes the file of a Unix socket away when it is closed. */
    @Override
    public void close() {
        listening.close().awaitUninterruptibly(CLOSE_PATIENCE_MILLIS);
        end();
    }
}
