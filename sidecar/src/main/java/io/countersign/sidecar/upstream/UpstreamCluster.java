// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import io.countersign.sidecar.bootstrap.Cluster;
import io.countersign.sidecar.sds.Secrets;
import io.countersign.sidecar.stats.Stats;
import io.countersign.sidecar.tls.TlsContexts;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A cluster at work: its endpoints, its TLS context and a pool for each event loop. Thread-safe. */
public final class UpstreamCluster implements AutoCloseable {
    private final Cluster config;
    private final Endpoints endpoints;
    private final Connector connector;
    private final Stats stats;
    private final Optional<TlsContexts> tls;
    private final Map<EventLoop, HttpPool> pools = new ConcurrentHashMap<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger pending = new AtomicInteger();

    public UpstreamCluster(Cluster config, Secrets secrets, Stats stats) {
        this.config = config;
        this.stats = stats;
        endpoints = new Endpoints(config, stats);
        tls = config.tls()
                .map(settings -> TlsContexts.ofClient(
                        settings,
                        List.of(config.http2() ? "h2" : "http/1.1"),
                        secrets,
                        stats,
                        "cluster." + config.name() + ".client_ssl_socket_factory"));
        connector = new Connector(config, endpoints, tls.orElse(null), stats);
    }

    public void start() {
        endpoints.start();
    }

    public void awaitFirst() throws InterruptedException {
        endpoints.awaitFirst();
    }

    public Cluster config() {
        return config;
    }

    public Connector connector() {
        return connector;
    }

    public Optional<TlsContexts> tls() {
        return tls;
    }

    public List<SocketAddress> addresses() {
        return endpoints.all();
    }

    public interface Waiting extends HttpPool.Waiting {}

    /**
     * Finds or opens a connection for one request. Whoever is told {@code ready} calls {@link #finished} once at the end.
     *
     * @param loop the caller's own
     */
    public void acquire(EventLoop loop, Waiting waiting) {
        stats.count("cluster." + config.name() + ".upstream_rq_total");
        if (requests.incrementAndGet() > config.limits().requests()) {
            requests.decrementAndGet();
            stats.count("cluster." + config.name() + ".upstream_rq_pending_overflow");
            waiting.failed(UpstreamFailure.overflow(), "");
            return;
        }
        if (pending.incrementAndGet() > config.limits().pendingRequests()) {
            pending.decrementAndGet();
            finished();
            stats.count("cluster." + config.name() + ".upstream_rq_pending_overflow");
            waiting.failed(UpstreamFailure.overflow(), "");
            return;
        }
        pools.computeIfAbsent(loop, this::pool).acquire(new HttpPool.Waiting() {
            @Override
            public void ready(UpstreamStream stream) {
                pending.decrementAndGet();
                waiting.ready(stream);
            }

            @Override
            public void failed(UpstreamFailure failure, String host) {
                pending.decrementAndGet();
                finished();
                waiting.failed(failure, host);
            }
        });
    }

    public void finished() {
        requests.decrementAndGet();
    }

    /** Counts an answer, whoever gave it. */
    public void answered(int status) {
        stats.count("cluster." + config.name() + ".upstream_rq_" + status / 100 + "xx");
        stats.count("cluster." + config.name() + ".upstream_rq_" + status);
    }

    /** Counts an answer that did not come in the route's time. */
    public void timedOut() {
        stats.count("cluster." + config.name() + ".upstream_rq_timeout");
    }

    public int activeRequests() {
        return requests.get();
    }

    private HttpPool pool(EventLoop loop) {
        return config.http2() ? new Http2Pool(loop, connector) : new Http1Pool(loop, connector, config.idleTimeout());
    }

    @Override
    public void close() {
        endpoints.close();
    }
}
