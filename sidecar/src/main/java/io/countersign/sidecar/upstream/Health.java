// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import io.countersign.sidecar.bootstrap.HealthCheck;
import io.countersign.sidecar.upstream.HealthProbe.Result;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which endpoints of a cluster are well: each is asked again and again, by a thread of its own. Thread-safe. */
final class Health implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Health.class);

    private final String cluster;
    private final HealthCheck check;
    private final Function<SocketAddress, HealthProbe> probes;
    private final BooleanSupplier used;
    private final Consumer<String> count;
    private final Map<SocketAddress, Watch> watches = new ConcurrentHashMap<>();

    /**
     * @param used whether requests have gone to the cluster
     * @param count counts under the cluster's prefix
     */
    Health(
            String cluster,
            HealthCheck check,
            Function<SocketAddress, HealthProbe> probes,
            BooleanSupplier used,
            Consumer<String> count) {
        this.cluster = cluster;
        this.check = check;
        this.probes = probes;
        this.used = used;
        this.count = count;
    }

    /** These are the endpoints from now on. */
    void follow(List<SocketAddress> endpoints) {
        watches.forEach((endpoint, watch) -> {
            if (!endpoints.contains(endpoint)) {
                watch.gone.countDown();
                watches.remove(endpoint);
            }
        });
        for (var endpoint : endpoints) {
            watches.computeIfAbsent(endpoint, Watch::new);
        }
    }

    /** Blocks until each endpoint was asked once, or for so long. */
    void awaitFirst(long seconds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (var watch : watches.values()) {
            if (!watch.asked.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return;
            }
        }
    }

    /** Not before it has said so. */
    boolean isWell(SocketAddress endpoint) {
        var watch = watches.get(endpoint);
        return watch != null && watch.well;
    }

    @Override
    public void close() {
        follow(List.of());
    }

    /** One endpoint. */
    private final class Watch {
        private final SocketAddress endpoint;
        private final HealthProbe probe;
        private final CountDownLatch asked = new CountDownLatch(1);
        private final CountDownLatch gone = new CountDownLatch(1);
        private volatile boolean well;
        private int inARow;

        Watch(SocketAddress endpoint) {
            this.endpoint = endpoint;
            this.probe = probes.apply(endpoint);
            Thread.ofVirtual().name("health " + cluster).start(this::keepAsking);
        }

        private void keepAsking() {
            try {
                do {
                    take(ask());
                    asked.countDown();
                } while (!gone.await(
                        (used.getAsBoolean() ? check.interval() : check.idleInterval()).toMillis(),
                        TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                probe.close();
            }
        }

        private Result ask() throws InterruptedException {
            count.accept("health_check.attempt");
            var result = probe.ask(check.timeout());
            switch (result) {
                case WELL -> count.accept("health_check.success");
                case UNWELL -> count.accept("health_check.failure");
                case SILENT -> {
                    count.accept("health_check.failure");
                    count.accept("health_check.network_failure");
                }
            }
            return result;
        }

        private void take(Result result) {
            boolean first = asked.getCount() > 0;
            boolean good = result == Result.WELL;
            if (good == well && !first) {
                inARow = 0;
                return;
            }
            inARow++;
            int enough = good ? check.healthyAfter() : check.unhealthyAfter();
            if (first || result == Result.UNWELL || inARow >= enough) {
                inARow = 0;
                well = good;
                log.atInfo()
                        .addKeyValue("cluster", cluster)
                        .addKeyValue("endpoint", endpoint)
                        .log(good ? "endpoint is healthy" : "endpoint is unhealthy");
            }
        }
    }
}
