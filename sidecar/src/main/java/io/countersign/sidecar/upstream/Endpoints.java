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
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The addresses of a cluster, taken by its policy. Names are looked up again and again; the last good answer stays. Thread-safe. */
final class Endpoints implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Endpoints.class);

    private static final int FIRST_SECONDS = 5;

    private final Cluster cluster;
    private final Stats stats;
    private final ToLongFunction<SocketAddress> active;
    private final AtomicInteger turn = new AtomicInteger();
    private final CountDownLatch resolved = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile List<SocketAddress> current = List.of();
    private volatile @Nullable Health health;
    private volatile Consumer<List<SocketAddress>> listener = found -> {};

    /** @param active how much is under way at an endpoint */
    Endpoints(Cluster cluster, Stats stats, ToLongFunction<SocketAddress> active) {
        this.active = active;
        this.cluster = cluster;
        this.stats = stats;
        stats.gauge(cluster.stat() + "membership_total", () -> current.size());
        stats.gauge(cluster.stat() + "membership_healthy", () -> well().size());
    }

    /** From now on those that are well are preferred. Call it before {@link #start}. */
    void prefer(Health watched) {
        health = watched;
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
        if (!resolved.await(FIRST_SECONDS, TimeUnit.SECONDS)) {
            log.atWarn()
                    .addKeyValue("cluster", cluster.name())
                    .log("name server has not answered yet, starting anyway");
        }
        if (health != null) {
            health.awaitFirst(FIRST_SECONDS);
        }
    }

    private void change(List<SocketAddress> found) {
        if (!found.equals(current)) {
            current = found;
            listener.accept(found);
        }
        if (health != null) {
            health.follow(found);
        }
    }

    /** @param listener told what the endpoints are now */
    void onChange(Consumer<List<SocketAddress>> listener) {
        this.listener = listener;
    }

    Optional<SocketAddress> next() {
        var usable = usable();
        return usable.isEmpty() ? Optional.empty() : Optional.of(chosen(usable));
    }

    private SocketAddress chosen(List<SocketAddress> usable) {
        return switch (cluster.balancing()) {
            case ROUND_ROBIN -> usable.get(Math.floorMod(turn.getAndIncrement(), usable.size()));
            case RANDOM -> any(usable);
            case LEAST_REQUEST -> {
                var one = any(usable);
                var other = any(usable);
                yield active.applyAsLong(other) < active.applyAsLong(one) ? other : one;
            }
        };
    }

    private static SocketAddress any(List<SocketAddress> usable) {
        return usable.get(ThreadLocalRandom.current().nextInt(usable.size()));
    }

    private List<SocketAddress> usable() {
        var all = current;
        var well = well();
        if (well.size() * 100 < cluster.panicPercent() * all.size()) {
            // so few that it is rather the questions that go wrong, or the rest would break down next
            stats.count(cluster.stat() + "lb_healthy_panic");
            return all;
        }
        return well;
    }

    private List<SocketAddress> well() {
        var watched = health;
        return watched == null
                ? current
                : current.stream().filter(watched::isWell).toList();
    }

    boolean isWell(SocketAddress endpoint) {
        return health == null || health.isWell(endpoint);
    }

    List<SocketAddress> all() {
        return current;
    }

    @Override
    public void close() {
        closed.countDown();
        if (health != null) {
            health.close();
        }
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

    private List<InetAddress> addresses(String host) throws UnknownHostException {
        var all = List.of(InetAddress.getAllByName(host));
        var some = cluster.discovery() == Discovery.STATIC
                ? all
                : cluster.families().of(all);
        if (some.isEmpty()) {
            throw new UnknownHostException(host + " has no address for dns_lookup_family " + cluster.families());
        }
        return some;
    }

    private void lookUp() {
        var found = new ArrayList<SocketAddress>();
        try {
            for (var address : cluster.endpoints()) {
                switch (address) {
                    case Address.Unix unix ->
                        found.add(new DomainSocketAddress(unix.path().toFile()));
                    case Address.Tcp tcp -> {
                        addresses(tcp.host()).stream()
                                .limit(cluster.discovery() == Discovery.STRICT_DNS ? Long.MAX_VALUE : 1)
                                .forEach(each -> found.add(new InetSocketAddress(each, tcp.port())));
                    }
                }
            }
            if (cluster.discovery() != Discovery.STATIC) {
                stats.count(cluster.stat() + "update_success");
            }
            change(List.copyOf(found));
        } catch (UnknownHostException e) {
            stats.count(cluster.stat() + "update_failure");
            log.atDebug()
                    .addKeyValue("cluster", cluster.name())
                    .addKeyValue("reason", e.getMessage())
                    .log("name not found, keeping what was known");
        }
        resolved.countDown();
    }
}
