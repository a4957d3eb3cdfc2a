// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1: one exchange at a time on each connection, the connection kept for the next. Lives on one event loop. */
final class Http1Pool implements HttpPool {
    private static final int MAX_HEADER_BYTES = 80 * 1024;

    private final EventLoop loop;
    private final Connector connector;
    private final Duration idleTimeout;
    private final Deque<UpstreamStream> idle = new ArrayDeque<>();

    Http1Pool(EventLoop loop, Connector connector, Duration idleTimeout) {
        this.loop = loop;
        this.connector = connector;
        this.idleTimeout = idleTimeout;
    }

    @Override
    public void acquire(Waiting waiting) {
        var kept = idle.pollFirst();
        if (kept != null) {
            waiting.ready(kept);
            return;
        }
        connector.connect(loop, new Connection.Waiting() {
            @Override
            public void connected(Connection connection) {
                waiting.ready(equip(connection));
            }

            @Override
            public void failed(UpstreamFailure failure, String host) {
                waiting.failed(failure, host);
            }
        });
    }

    private UpstreamStream equip(Connection connection) {
        var channel = connection.channel();
        var parking = new Parking();
        var stream = new UpstreamStream(connection, false, parking);
        parking.stream = stream;
        channel.config().setAutoRead(false);
        channel.pipeline()
                .addLast(new HttpClientCodec(new HttpDecoderConfig().setMaxHeaderSize(MAX_HEADER_BYTES), false, false))
                .addLast(stream);
        channel.closeFuture().addListener(closed -> idle.remove(stream));
        return stream;
    }

    /** Puts a stream among the idle ones, where it is read so that an end or unasked bytes are noticed. */
    private final class Parking implements Runnable {
        private @Nullable UpstreamStream stream;
        private long parked;

        @Override
        public void run() {
            var parking = stream;
            if (parking == null) {
                return;
            }
            idle.addFirst(parking);
            parking.read();
            if (!idleTimeout.isZero()) {
                long ticket = ++parked;
                var _ = loop.schedule(
                        () -> {
                            if (ticket == parked && idle.remove(parking)) {
                                parking.abort();
                            }
                        },
                        idleTimeout.toMillis(),
                        TimeUnit.MILLISECONDS);
            }
        }
    }
}
