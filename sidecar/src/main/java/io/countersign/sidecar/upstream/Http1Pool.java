// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import io.countersign.sidecar.flow.Buffers;
import io.countersign.sidecar.flow.Quiet;
import io.countersign.sidecar.tls.Expiry;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1: one exchange at a time on each connection, the connection kept for the next. Lives on one event loop. */
final class Http1Pool implements HttpPool {
    private static final int MAX_HEADER_BYTES = 80 * 1024;

    private final EventLoop loop;
    private final Connector connector;
    private final SocketAddress endpoint;
    private final Duration idleTimeout;
    private final Deque<UpstreamStream> idle = new ArrayDeque<>();
    /** Who waits since the cluster has as many connections as it may. */
    private final Deque<Waiting> queue = new ArrayDeque<>();

    private int connections;
    private boolean retired;

    Http1Pool(EventLoop loop, Connector connector, SocketAddress endpoint, Duration idleTimeout) {
        this.loop = loop;
        this.connector = connector;
        this.endpoint = endpoint;
        this.idleTimeout = idleTimeout;
    }

    @Override
    public void acquire(Waiting waiting) {
        var kept = idle.pollFirst();
        if (kept != null) {
            waiting.ready(kept);
            return;
        }
        // one connection is let every loop have, as nobody would ever wake those who wait otherwise
        if (connections == 0 || connector.hasRoom()) {
            connect(waiting);
        } else {
            queue.add(waiting);
        }
    }

    private void connect(Waiting waiting) {
        connections++;
        connector.connect(loop, endpoint, new Connection.Waiting() {
            @Override
            public void connected(Connection connection) {
                connection.channel().closeFuture().addListener(closed -> left());
                waiting.ready(equip(connection));
            }

            @Override
            public void failed(UpstreamFailure failure, String host) {
                left();
                waiting.failed(failure, host);
            }
        });
    }

    /** The place of a connection that is gone is for whoever waits for one. */
    private void left() {
        connections--;
        var next = queue.pollFirst();
        if (next != null) {
            connect(next);
        }
    }

    @Override
    public void retire() {
        retired = true;
        List.copyOf(idle).forEach(UpstreamStream::abort);
        idle.clear();
    }

    private UpstreamStream equip(Connection connection) {
        var channel = connection.channel();
        var parking = new Parking(channel);
        var stream = new UpstreamStream(connection, false, parking);
        parking.stream = stream;
        channel.config().setAutoRead(false);
        channel.pipeline()
                .addLast(new HttpClientCodec(Buffers.http1(MAX_HEADER_BYTES), false, false))
                .addLast(stream);
        channel.closeFuture().addListener(closed -> idle.remove(stream));
        connector.watch(connection, new Expiry.Ending() {
            @Override
            public void retire() {
                stream.retire();
                if (idle.remove(stream)) {
                    stream.abort();
                }
            }

            @Override
            public void expire() {
                // what still carries an exchange ends with it
            }
        });
        return stream;
    }

    /** Puts a stream among the idle ones, where it is read so that an end or unasked bytes are noticed. */
    private final class Parking implements Runnable {
        private final Quiet quiet;
        private @Nullable UpstreamStream stream;

        Parking(Channel channel) {
            quiet = Quiet.watch(channel, idleTimeout, this::giveUp);
        }

        /** Unless it carries an exchange. */
        private void giveUp() {
            if (stream != null && idle.remove(stream)) {
                connector.idle();
                stream.abort();
            }
        }

        @Override
        public void run() {
            var parking = stream;
            if (parking == null) {
                return;
            }
            var next = queue.pollFirst();
            if (next != null) {
                next.ready(parking);
                return;
            }
            if (retired) {
                parking.abort();
                return;
            }
            idle.addFirst(parking);
            quiet.touch();
            parking.read();
        }
    }
}
