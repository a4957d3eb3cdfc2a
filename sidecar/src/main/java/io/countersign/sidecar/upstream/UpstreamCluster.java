// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import io.countersign.sidecar.bootstrap.Cluster;
import io.countersign.sidecar.bootstrap.HealthCheck;
import io.countersign.sidecar.sds.Secrets;
import io.countersign.sidecar.stats.Histogram;
import io.countersign.sidecar.stats.Stats;
import io.countersign.sidecar.tls.Expiry;
import io.countersign.sidecar.tls.RefusedPeers;
import io.countersign.sidecar.tls.TlsContexts;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A cluster at work: its endpoints, its TLS context, and a pool for each endpoint and event loop. Thread-safe. */
public final class UpstreamCluster implements AutoCloseable {
    private final Cluster config;
    private final Endpoints endpoints;
    private final Connector connector;
    private final Expiry expiry;
    private final Stats stats;
    private final String stat;
    private final Histogram times;
    private final Optional<TlsContexts> tls;
    private final Map<SocketAddress, HostCounts> hosts = new ConcurrentHashMap<>();
    private final Map<Way, HttpPool> pools = new ConcurrentHashMap<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicInteger tunnels = new AtomicInteger();
    private final AtomicInteger retries = new AtomicInteger();
    private final AtomicBoolean used = new AtomicBoolean();

    private record Way(EventLoop loop, SocketAddress endpoint) {}

    public UpstreamCluster(Cluster config, Secrets secrets, RefusedPeers refused, Expiry expiry, Stats stats) {
        this.config = config;
        this.stats = stats;
        this.stat = config.stat();
        this.times = stats.histogram(stat + "upstream_rq_time");
        endpoints = new Endpoints(config, stats, endpoint -> counts(endpoint).active());
        tls = config.tls()
                .map(settings -> TlsContexts.ofClient(
                        settings,
                        List.of(config.http2() ? "h2" : "http/1.1"),
                        secrets,
                        refused,
                        stats,
                        stat + "client_ssl_socket_factory"));
        this.expiry = expiry;
        connector = new Connector(config, tls.orElse(null), expiry, stats, this::counts);
        endpoints.onChange(this::forgetOthers);
    }

    /** @param loops where endpoints are asked whether they are well */
    public void start(EventLoopGroup loops) {
        config.health()
                .ifPresent(check -> endpoints.prefer(new Health(
                        config.name(), check, endpoint -> probe(check, endpoint, loops), used::get, this::count)));
        endpoints.start();
    }

    /** Its connections are counted nowhere, as they carry no requests. */
    private HealthProbe probe(HealthCheck check, SocketAddress endpoint, EventLoopGroup loops) {
        var uncounted = new Connector(config, tls.orElse(null), expiry, new Stats(), any -> new HostCounts());
        var loop = loops.next();
        return new HealthProbe(loop, uncounted, endpoint, pool(new Way(loop, endpoint), uncounted), check.question());
    }

    public boolean isHealthy(SocketAddress endpoint) {
        return endpoints.isWell(endpoint);
    }

    public void awaitFirst() throws InterruptedException {
        endpoints.awaitFirst();
    }

    public Cluster config() {
        return config;
    }

    /** Opens a connection for bytes. Call it on {@code loop}. */
    public void connect(EventLoop loop, Connection.Waiting waiting) {
        var endpoint = endpoints.next();
        if (endpoint.isEmpty()) {
            count("upstream_cx_none_healthy");
            waiting.failed(UpstreamFailure.noEndpoint(), "");
        } else if (connector.hasRoom()) {
            var counts = counts(endpoint.get());
            begin(counts);
            connector.connect(loop, endpoint.get(), new Connection.Waiting() {
                @Override
                public void connected(Connection connection) {
                    connection.channel().closeFuture().addListener(closed -> end(counts));
                    waiting.connected(connection);
                }

                @Override
                public void failed(UpstreamFailure failure, String host) {
                    end(counts);
                    waiting.failed(failure, host);
                }
            });
        } else {
            waiting.failed(UpstreamFailure.overflow(), "");
        }
    }

    private void begin(HostCounts counts) {
        tunnels.incrementAndGet();
        counts.tunnelBegun();
    }

    private void end(HostCounts counts) {
        tunnels.decrementAndGet();
        counts.tunnelEnded();
    }

    /** Tells when the certificates of such a connection run out. */
    public void watch(Connection connection, Expiry.Ending ending) {
        connector.watch(connection, ending);
    }

    public Optional<TlsContexts> tls() {
        return tls;
    }

    /** What has become of the endpoint's share, since it is one. */
    public HostCounts counts(SocketAddress endpoint) {
        return hosts.computeIfAbsent(endpoint, any -> new HostCounts());
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
        used.set(true);
        var endpoint = endpoints.next();
        if (endpoint.isEmpty()) {
            count("upstream_cx_none_healthy");
            waiting.failed(UpstreamFailure.noEndpoint(), "");
            return;
        }
        if (requests.incrementAndGet() > config.limits().requests()) {
            requests.decrementAndGet();
            count("upstream_rq_pending_overflow");
            waiting.failed(UpstreamFailure.overflow(), Connector.text(endpoint.get()));
            return;
        }
        if (pending.incrementAndGet() > config.limits().pendingRequests()) {
            pending.decrementAndGet();
            finished();
            count("upstream_rq_pending_overflow");
            waiting.failed(UpstreamFailure.overflow(), "");
            return;
        }
        pools.computeIfAbsent(new Way(loop, endpoint.get()), way -> pool(way, connector))
                .acquire(new HttpPool.Waiting() {
                    @Override
                    public void ready(UpstreamStream stream) {
                        pending.decrementAndGet();
                        // who gets no connection is counted among the failures only
                        count("upstream_rq_total");
                        waiting.ready(stream);
                    }

                    @Override
                    public void failed(UpstreamFailure failure, String host) {
                        pending.decrementAndGet();
                        finished();
                        counts(endpoint.get()).notSent();
                        waiting.failed(failure, host);
                    }
                });
    }

    public void finished() {
        requests.decrementAndGet();
    }

    /** Takes one of the places for requests that are repeated, if there is one; {@link #endRetry} gives it back. */
    public boolean beginRetry() {
        if (retries.incrementAndGet() > config.limits().retries()) {
            retries.decrementAndGet();
            return false;
        }
        return true;
    }

    public void endRetry() {
        retries.decrementAndGet();
    }

    /** A counter under the cluster's prefix. */
    public void count(String name) {
        stats.count(stat + name);
    }

    /** Counts an answer, whoever gave it. */
    public void answered(int status) {
        count("upstream_rq_" + status / 100 + "xx");
        count("upstream_rq_" + status);
    }

    /** An answer is complete so long after its request was sent. */
    public void took(long millis) {
        times.add(millis);
    }

    /** Counts an answer that did not come in the route's time. */
    public void timedOut() {
        count("upstream_rq_timeout");
    }

    public int activeRequests() {
        return requests.get();
    }

    /** Whether somebody would miss its connections: a request that has no answer yet, or bytes that are carried. */
    public boolean isBusy() {
        return requests.get() > 0 || tunnels.get() > 0;
    }

    private HttpPool pool(Way way, Connector by) {
        return config.http2()
                ? new Http2Pool(way.loop(), by, way.endpoint(), config.idleTimeout())
                : new Http1Pool(way.loop(), by, way.endpoint(), config.idleTimeout());
    }

    /** Only these endpoints are left. */
    private void forgetOthers(List<SocketAddress> left) {
        hosts.keySet().retainAll(left);
        pools.forEach((way, pool) -> {
            if (!left.contains(way.endpoint())) {
                pools.remove(way);
                way.loop().execute(pool::retire);
            }
        });
    }

    @Override
    public void close() {
        endpoints.close();
    }
}
