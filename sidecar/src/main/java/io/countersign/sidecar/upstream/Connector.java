// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import io.countersign.sidecar.bootstrap.Cluster;
import io.countersign.sidecar.flow.Buffers;
import io.countersign.sidecar.stats.Stats;
import io.countersign.sidecar.tls.Expiry;
import io.countersign.sidecar.tls.TlsContext;
import io.countersign.sidecar.tls.TlsContexts;
import io.countersign.sidecar.tls.TlsFailure;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Opens connections to a cluster's endpoints, TLS included. The time limit covers both. Thread-safe. */
public final class Connector {
    private final Cluster cluster;
    private final @Nullable TlsContexts tls;
    private final Expiry expiry;
    private final Stats stats;
    private final Function<SocketAddress, HostCounts> hosts;
    private final String stat;
    /** Those that are being made included. */
    private final AtomicInteger open = new AtomicInteger();

    /** @param hosts where each endpoint's own share is counted */
    Connector(
            Cluster cluster,
            @Nullable TlsContexts tls,
            Expiry expiry,
            Stats stats,
            Function<SocketAddress, HostCounts> hosts) {
        this.cluster = cluster;
        this.tls = tls;
        this.expiry = expiry;
        this.stats = stats;
        this.hosts = hosts;
        this.stat = cluster.stat();
    }

    /** Whether the cluster's limit lets one more connection be opened; counts it if not. */
    boolean hasRoom() {
        if (open.get() < cluster.limits().connections()) {
            return true;
        }
        stats.count(stat + "upstream_cx_overflow");
        return false;
    }

    /** A connection is given up since nobody has used it for long. */
    void idle() {
        stats.count(stat + "upstream_cx_idle_timeout");
    }

    /** Call it on {@code loop}. The channel reads by itself until the caller says otherwise. */
    void connect(EventLoop loop, SocketAddress endpoint, Connection.Waiting waiting) {
        var host = text(endpoint);
        TlsContext context = null;
        if (tls != null) {
            context = tls.current().orElse(null);
            if (context == null) {
                stats.count(stat + "client_ssl_socket_factory.upstream_context_secrets_not_ready");
                waiting.failed(UpstreamFailure.noSecret(), host);
                return;
            }
        }
        stats.count(stat + "upstream_cx_total");
        var counts = hosts.apply(endpoint);
        counts.connecting();
        new Attempt(waiting, host, counts, context).start(loop, endpoint);
    }

    /** Tells when a connection's certificates run out; never if it is plain. */
    public void watch(Connection connection, Expiry.Ending ending) {
        if (connection.tls() != null) {
            expiry.watch(connection.channel(), connection.tls(), stat, ending);
        }
    }

    /** Whether connections are TLS. */
    public boolean secure() {
        return tls != null;
    }

    /** As logs show it. */
    static String text(SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : address.toString();
    }

    /** One connection in the making; lives on one event loop. */
    private final class Attempt {
        private final Connection.Waiting waiting;
        private final String host;
        private final HostCounts counts;
        private final @Nullable TlsContext context;
        private boolean told;

        Attempt(Connection.Waiting waiting, String host, HostCounts counts, @Nullable TlsContext context) {
            this.waiting = waiting;
            this.host = host;
            this.counts = counts;
            this.context = context;
        }

        void start(EventLoop loop, SocketAddress endpoint) {
            var bootstrap = new Bootstrap().group(loop).handler(new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    if (context != null) {
                        channel.pipeline().addLast("tls", handler(channel, context));
                    }
                }
            });
            int millis = (int) Math.min(
                    Integer.MAX_VALUE, Math.max(1, cluster.connectTimeout().toMillis()));
            bootstrap
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis)
                    .option(ChannelOption.WRITE_BUFFER_WATER_MARK, Buffers.unsent(cluster.bufferBytes()));
            if (endpoint instanceof DomainSocketAddress) {
                bootstrap.channel(EpollDomainSocketChannel.class);
            } else {
                bootstrap.channel(EpollSocketChannel.class).option(ChannelOption.TCP_NODELAY, true);
            }
            open.incrementAndGet();
            var connecting = bootstrap.connect(endpoint);
            if (connecting.cause() != null) {
                // no descriptor was to be had: such a channel never says that it is closed, and fails on a foreign
                // thread
                open.decrementAndGet();
                loop.execute(() -> fail(UpstreamFailure.connecting(connecting.cause())));
                return;
            }
            var channel = connecting.channel();
            channel.closeFuture().addListener(closed -> open.decrementAndGet());
            var limit = loop.schedule(
                    () -> {
                        fail(UpstreamFailure.timedOut());
                        var _ = channel.close();
                    },
                    millis,
                    TimeUnit.MILLISECONDS);
            connecting.addListener(future -> {
                var secure = channel.pipeline().get(SslHandler.class);
                if (!future.isSuccess()) {
                    limit.cancel(false);
                    fail(UpstreamFailure.connecting(future.cause()));
                } else if (context == null || secure == null) {
                    limit.cancel(false);
                    succeed(new Connection(channel, host, counts, null));
                } else {
                    secure.handshakeFuture().addListener(handshake -> {
                        limit.cancel(false);
                        if (handshake.isSuccess()) {
                            var facts = context.facts(secure);
                            stats.count(stat + "ssl.handshake");
                            stats.count(stat + "ssl.versions." + facts.version());
                            stats.count(stat + "ssl.ciphers." + facts.cipher());
                            succeed(new Connection(channel, host, counts, facts));
                        } else {
                            countTlsFailure(handshake.cause());
                            fail(UpstreamFailure.connecting(handshake.cause()));
                            var _ = channel.close();
                        }
                    });
                }
            });
        }

        private SslHandler handler(Channel channel, TlsContext context) {
            var name = cluster.tls().map(settings -> settings.serverName()).orElse("");
            var handler =
                    name.isEmpty() ? context.newHandler(channel.alloc()) : context.newHandler(channel.alloc(), name);
            handler.setHandshakeTimeoutMillis(0);
            return handler;
        }

        private void countTlsFailure(Throwable cause) {
            var words = TlsFailure.words(cause);
            if (words.contains("SAN match")) {
                stats.count(stat + "ssl.fail_verify_san");
            } else if (words.contains("CERTIFICATE_VERIFY_FAILED")) {
                stats.count(stat + "ssl.fail_verify_error");
            } else {
                stats.count(stat + "ssl.connection_error");
            }
        }

        private void succeed(Connection connection) {
            if (!told) {
                told = true;
                var active = stats.level(stat + "upstream_cx_active");
                active.increment();
                counts.connected();
                connection.channel().closeFuture().addListener(closed -> {
                    active.decrement();
                    counts.disconnected();
                });
                waiting.connected(connection);
            }
        }

        private void fail(UpstreamFailure failure) {
            if (!told) {
                told = true;
                stats.count(stat + "upstream_cx_connect_fail");
                counts.notConnected();
                waiting.failed(failure, host);
            }
        }
    }
}
