// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import io.countersign.datastore.UnavailableException;
import io.countersign.server.authority.Authorities;
import io.countersign.server.config.ServerConfig.NodePruning;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to be done now and then, on one thread: rotating the authorities, taking away what has expired. */
final class Housekeeping implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration LONGEST_TICK = Duration.ofSeconds(10);
    private static final int TICKS_PER_LIFE = 60;
    private static final Duration PRUNING = Duration.ofMinutes(5);

    /** As the original: an hour, a quarter more or less, so that servers of one database do not all come at once. */
    private static final Duration SOONEST_NODES = Duration.ofMinutes(45);

    private static final Duration LATEST_NODES = Duration.ofMinutes(75);

    private final Authorities authorities;
    private final Pruning pruning;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("housekeeping").daemon().factory());

    Housekeeping(Authorities authorities, Pruning pruning) {
        this.authorities = authorities;
        this.pruning = pruning;
    }

    /**
     * @param authorityLife short lives are looked at more often
     * @param nodes which are forgotten; nothing if none is
     */
    Housekeeping start(Duration authorityLife, Optional<NodePruning> nodes) {
        var share = authorityLife.dividedBy(TICKS_PER_LIFE);
        long tick = (share.compareTo(LONGEST_TICK) < 0 ? share : LONGEST_TICK).toMillis();
        every(Duration.ofMillis(tick), authorities::rotate);
        every(PRUNING, pruning::expired);
        nodes.ifPresent(which -> every(
                Duration.ofSeconds(
                        ThreadLocalRandom.current().nextLong(SOONEST_NODES.toSeconds(), LATEST_NODES.toSeconds())),
                () -> pruning.nodes(which)));
        return this;
    }

    private void every(Duration time, Chore chore) {
        var _ = thread.scheduleWithFixedDelay(guarded(chore), time.toMillis(), time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private interface Chore {
        void run() throws IOException;
    }

    /** What fails is tried again the next time: an executor would never run it again. */
    private static Runnable guarded(Chore chore) {
        return () -> {
            try {
                chore.run();
            } catch (UnavailableException e) {
                log.atWarn().addKeyValue("reason", e.getMessage()).log("housekeeping is put off");
            } catch (IOException | RuntimeException e) {
                log.atError().setCause(e).log("housekeeping failed and is tried again");
            }
        };
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
