// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.listener;

import io.countersign.sidecar.bootstrap.ListenerConfig;
import io.countersign.sidecar.flow.Buffers;
import io.countersign.sidecar.tls.Expiry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One listening port. Opened when the secrets are there, so that nobody connects to what cannot answer. */
public final class Listener implements AutoCloseable {
    private static final long GOOD_BYE_MILLIS = 500;

    private final ListenerConfig config;
    private final Entrance entrance;
    private final int maxConnections;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private volatile @Nullable Channel server;
    private volatile boolean retiring;
    private volatile boolean draining;

    /** @param maxConnections how many are held at once; more are closed as they come */
    public Listener(ListenerConfig config, Entrance entrance, int maxConnections) {
        this.maxConnections = maxConnections;
        this.config = config;
        this.entrance = entrance;
    }

    /** @throws IOException if the address cannot be listened on */
    public void open(EventLoopGroup accepting, EventLoopGroup working) throws IOException {
        var bootstrap = new ServerBootstrap()
                .group(accepting, working)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, Buffers.unsent(config.bufferBytes()))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (connections.size() >= maxConnections) {
                            entrance.turnAway(channel);
                            return;
                        }
                        connections.add(channel);
                        if (retiring) {
                            Pipelines.retire(channel);
                        }
                        entrance.admit(channel);
                    }
                });
        var address =
                new InetSocketAddress(config.address().host(), config.address().port());
        var binding = bootstrap.bind(address).awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new IOException(
                    "cannot listen on " + config.address() + " for listener " + config.name() + ": "
                            + binding.cause().getMessage(),
                    binding.cause());
        }
        server = binding.channel();
    }

    public ListenerConfig config() {
        return config;
    }

    /** Where it listens; empty before it is opened and after it is closed. */
    public Optional<InetSocketAddress> address() {
        return server != null && server.isOpen() && server.localAddress() instanceof InetSocketAddress bound
                ? Optional.of(bound)
                : Optional.empty();
    }

    public int connectionCount() {
        return connections.size();
    }

    /** Whether some client has not taken all that was written for it. */
    public boolean hasUnsent() {
        return connections.stream().anyMatch(Listener::holdsBack);
    }

    private static boolean holdsBack(Channel channel) {
        var unsent = channel.unsafe().outboundBuffer();
        return unsent != null && unsent.totalPendingWriteBytes() > 0;
    }

    /**
     * Every connection ends with what it carries now or next, those that still come included. One that carries bytes knows no
     * such end and goes on.
     */
    public void retire() {
        // before those that are open are gone through, so that none comes in between
        retiring = true;
        connections.forEach(channel -> channel.eventLoop().execute(() -> Pipelines.retire(channel)));
    }

    /** Connections that come from now on are kept again, unless it drains. */
    public void keep() {
        retiring = draining;
    }

    /** Retires what there is and what still comes, for good. */
    public void drain() {
        draining = true;
        retire();
    }

    /** Takes no more connections; those that are open go on. */
    public void stopAccepting() {
        var listening = server;
        if (listening != null) {
            listening.close().awaitUninterruptibly();
        }
    }

    /** Says good-bye first, which under HTTP/2 waits for streams that are open; what is still open then is cut off. */
    @Override
    public void close() {
        stopAccepting();
        if (!connections.close().awaitUninterruptibly(GOOD_BYE_MILLIS)) {
            connections.forEach(Expiry::closeNow);
            connections.newCloseFuture().awaitUninterruptibly(GOOD_BYE_MILLIS);
        }
    }
}
