// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import io.countersign.sidecar.bootstrap.Address;
import io.countersign.sidecar.bootstrap.Cluster;
import io.countersign.sidecar.bootstrap.Cluster.Discovery;
import io.countersign.sidecar.stats.Stats;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The addresses of a cluster, taken in turn. Names are looked up again and again; the last good answer stays. Thread-safe. */
final class Endpoints implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Endpoints.class);

    private final Cluster cluster;
    private final Stats stats;
    private final AtomicInteger turn = new AtomicInteger();
    private final CountDownLatch resolved = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile List<SocketAddress> current = List.of();

    Endpoints(Cluster cluster, Stats stats) {
        this.cluster = cluster;
        this.stats = stats;
        stats.gauge("cluster." + cluster.name() + ".membership_total", () -> current.size());
        stats.gauge("cluster." + cluster.name() + ".membership_healthy", () -> current.size());
    }

    void start() {
        if (cluster.discovery() == Discovery.STATIC) {
            lookUp();
        } else {
            Thread.ofVirtual().name("dns " + cluster.name()).start(this::keepLookingUp);
        }
    }

    /** Blocks until the names were looked up once, but not for long. */
    void awaitFirst() throws InterruptedException {
        if (!resolved.await(5, TimeUnit.SECONDS)) {
            log.atWarn()
                    .addKeyValue("cluster", cluster.name())
                    .log("name server has not answered yet, starting anyway");
        }
    }

    Optional<SocketAddress> next() {
        var all = current;
        return all.isEmpty()
                ? Optional.empty()
                : Optional.of(all.get(Math.floorMod(turn.getAndIncrement(), all.size())));
    }

    List<SocketAddress> all() {
        return current;
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private void keepLookingUp() {
        try {
            do {
                lookUp();
            } while (!closed.await(cluster.dnsRefreshRate().toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void lookUp() {
        var found = new ArrayList<SocketAddress>();
        try {
            for (var address : cluster.endpoints()) {
                switch (address) {
                    case Address.Unix unix ->
                        found.add(new DomainSocketAddress(unix.path().toFile()));
                    case Address.Tcp tcp -> {
                        var addresses = InetAddress.getAllByName(tcp.host());
                        int most = cluster.discovery() == Discovery.STRICT_DNS ? addresses.length : 1;
                        for (int i = 0; i < most; i++) {
                            found.add(new InetSocketAddress(addresses[i], tcp.port()));
                        }
                    }
                }
            }
            if (cluster.discovery() != Discovery.STATIC) {
                stats.count("cluster." + cluster.name() + ".update_success");
            }
            current = List.copyOf(found);
        } catch (UnknownHostException e) {
            stats.count("cluster." + cluster.name() + ".update_failure");
            log.atDebug()
                    .addKeyValue("cluster", cluster.name())
                    .addKeyValue("reason", e.getMessage())
                    .log("name not found, keeping what was known");
        }
        resolved.countDown();
    }
}
