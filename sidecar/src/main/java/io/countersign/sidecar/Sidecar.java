// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import io.countersign.launch.Closing;
import io.countersign.launch.Stopping;
import io.countersign.sidecar.accesslog.LogFiles;
import io.countersign.sidecar.admin.AdminListener;
import io.countersign.sidecar.admin.AdminView;
import io.countersign.sidecar.admin.Drain;
import io.countersign.sidecar.admin.Lifecycle;
import io.countersign.sidecar.bootstrap.Bootstrap;
import io.countersign.sidecar.bootstrap.HttpConnections;
import io.countersign.sidecar.bootstrap.ListenerConfig;
import io.countersign.sidecar.bootstrap.ListenerConfig.FilterChain;
import io.countersign.sidecar.http.HttpService;
import io.countersign.sidecar.jwt.AgentBundles;
import io.countersign.sidecar.jwt.TokenChecks;
import io.countersign.sidecar.listener.Entrance;
import io.countersign.sidecar.listener.Listener;
import io.countersign.sidecar.listener.Pipelines;
import io.countersign.sidecar.sds.Secrets;
import io.countersign.sidecar.stats.Stats;
import io.countersign.sidecar.tcp.TcpService;
import io.countersign.sidecar.tls.Expiry;
import io.countersign.sidecar.tls.RefusedPeers;
import io.countersign.sidecar.tls.TlsContexts;
import io.countersign.sidecar.upstream.UpstreamCluster;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the parts together and starts them in order: admin, secrets and names, then the listeners. */
public final class Sidecar implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Sidecar.class);

    private final Options options;
    private final Bootstrap bootstrap;
    private final Closing closing = new Closing();
    private final Stats stats = new Stats();
    private final RefusedPeers refused = new RefusedPeers(InstantSource.system());
    private final Expiry expiry;
    private final Lifecycle lifecycle;
    private final EventLoopGroup loops;
    private final LogFiles logFiles;
    private final Secrets secrets;
    private final Map<String, UpstreamCluster> clusters = new HashMap<>();
    private final AgentBundles agents;
    private final TokenChecks checks;
    private final List<TlsContexts> contexts = new ArrayList<>();
    private final List<HttpService> services = new ArrayList<>();
    private final List<Listener> listeners = new ArrayList<>();
    private final Optional<AdminListener> admin;

    Sidecar(Options options, Path file, Bootstrap bootstrap, Stopping stopping) throws IOException {
        this.options = options;
        this.bootstrap = bootstrap;
        lifecycle = new Lifecycle(stopping::stop, new Clients());
        loops = new MultiThreadIoEventLoopGroup(
                options.eventLoops(), new DefaultThreadFactory("io", true), EpollIoHandler.newFactory());
        closing.add(() -> loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly());
        expiry = new Expiry(bootstrap.own().closeAtExpiry(), stats, InstantSource.system());
        logFiles = closing.add(new LogFiles(options.flushInterval()));
        secrets = closing.add(new Secrets(bootstrap, stats));
        for (var cluster : bootstrap.clusters().values()) {
            var built = closing.add(new UpstreamCluster(cluster, secrets, refused, expiry, stats));
            built.tls().ifPresent(contexts::add);
            clusters.put(cluster.name(), built);
        }
        agents = closing.add(new AgentBundles(bootstrap.jwtSvidAgents()));
        checks = new TokenChecks(this::cluster, agents, InstantSource.system());
        for (var config : bootstrap.listeners()) {
            listeners.add(closing.add(listener(config)));
        }
        stats.gauge("server.live", () -> lifecycle.live() ? 1 : 0);
        stats.gauge("server.uptime", () -> lifecycle.uptime().toSeconds());
        stats.gauge("listener_manager.total_listeners_active", listeners::size);
        stats.gauge("cluster_manager.active_clusters", clusters::size);
        var view = new AdminView(
                bootstrap,
                file,
                Version.TEXT,
                lifecycle,
                stats,
                secrets,
                List.copyOf(contexts),
                refused,
                List.copyOf(listeners),
                Map.copyOf(clusters));
        admin = bootstrap.admin().isPresent()
                ? Optional.of(closing.add(new AdminListener(
                        bootstrap.admin().get(),
                        view,
                        logFiles.open(bootstrap.admin().get().accessLogs()),
                        AdminListener.Limits.STANDARD)))
                : Optional.empty();
    }

    private Listener listener(ListenerConfig config) throws IOException {
        var stat = Entrance.statPrefix(config);
        var chains = new HashMap<FilterChain, Pipelines>();
        for (var chain : config.allChains().toList()) {
            chains.put(chain, pipelines(chain, stat));
        }
        var entrance = new Entrance(config, chains, logFiles.open(config.accessLogs()), stats);
        return new Listener(config, entrance, bootstrap.own().maxConnections());
    }

    private Pipelines pipelines(FilterChain chain, String stat) throws IOException {
        var tls = chain.tls()
                .map(settings ->
                        TlsContexts.ofServer(settings, secrets, refused, stats, stat + "server_ssl_socket_factory"));
        tls.ifPresent(contexts::add);
        var service = switch (chain.protocol()) {
            case HttpConnections http -> {
                var built = new HttpService(http, clusters, checks, logFiles.open(http.accessLogs()), stats);
                services.add(built);
                yield new Pipelines.Service.Http(built);
            }
            case ListenerConfig.TcpTunnel tunnel ->
                new Pipelines.Service.Tcp(
                        new TcpService(tunnel, cluster(tunnel.cluster()), logFiles.open(tunnel.accessLogs()), stats));
        };
        return new Pipelines(stat, chain, tls.orElse(null), service, expiry, stats);
    }

    private UpstreamCluster cluster(String name) {
        var cluster = clusters.get(name);
        if (cluster == null) {
            throw new IllegalStateException("no cluster " + name);
        }
        return cluster;
    }

    /** Blocks until listeners are open, which waits for the secrets as long as the file says. */
    void start() throws IOException, InterruptedException {
        if (admin.isPresent()) {
            admin.get().open(loops);
            log.atInfo().addKeyValue("address", admin.get().address()).log("admin listener open");
        }
        logFiles.start();
        secrets.start();
        agents.start();
        lifecycle.initializing();
        for (var cluster : clusters.values()) {
            cluster.start(loops);
        }
        for (var cluster : clusters.values()) {
            cluster.awaitFirst();
        }
        secrets.awaitFirst();
        for (var listener : listeners) {
            listener.open(loops, loops);
            log.atInfo()
                    .addKeyValue("listener", listener.config().name())
                    .addKeyValue("address", listener.address().orElseThrow())
                    .log("listening");
        }
        lifecycle.started();
        log.info("all dependencies initialized. starting workers");
    }

    /** Where a listener is, for those who gave it port 0. */
    Optional<InetSocketAddress> address(String listener) {
        return listeners.stream()
                .filter(candidate -> candidate.config().name().equals(listener))
                .findFirst()
                .flatMap(Listener::address);
    }

    Optional<InetSocketAddress> adminAddress() {
        return admin.map(AdminListener::address);
    }

    private final class Clients implements Lifecycle.Connections {
        @Override
        public void retire() {
            listeners.forEach(Listener::retire);
        }

        @Override
        public void keep() {
            listeners.forEach(Listener::keep);
        }

        @Override
        public void drain(Drain how) {
            var leaving = listeners.stream().filter(how::concerns).toList();
            leaving.forEach(Listener::drain);
            if (!how.skipExit()) {
                Thread.ofVirtual().name("drain").start(() -> closePorts(leaving, how));
            }
        }

        private void closePorts(List<Listener> leaving, Drain how) {
            try {
                if (how.graceful()) {
                    TimeUnit.NANOSECONDS.sleep(options.drain().toNanos());
                }
                leaving.forEach(Listener::stopAccepting);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Gives what is under way a little time, then closes everything. */
    @Override
    public void close() {
        lifecycle.draining();
        listeners.forEach(Listener::drain);
        listeners.forEach(Listener::stopAccepting);
        awaitIdle(options.drain());
        closing.close();
    }

    private void awaitIdle(Duration most) {
        long end = System.nanoTime() + most.toNanos();
        try {
            while (isBusy() && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether somebody would miss something: an answer that is not there yet, or not taken yet, or bytes that are carried. */
    private boolean isBusy() {
        return services.stream().anyMatch(HttpService::isBusy)
                || clusters.values().stream().anyMatch(UpstreamCluster::isBusy)
                || listeners.stream().anyMatch(Listener::hasUnsent);
    }

    Bootstrap bootstrap() {
        return bootstrap;
    }
}
