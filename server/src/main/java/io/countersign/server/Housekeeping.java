// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import io.countersign.datastore.UnavailableException;
import io.countersign.datastore.change.ChangeFeed;
import io.countersign.datastore.entry.Entries;
import io.countersign.datastore.node.JoinTokens;
import io.countersign.server.authority.Authorities;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to be done now and then, on one thread: rotating the authorities, taking away what has expired. */
final class Housekeeping implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration LONGEST_TICK = Duration.ofSeconds(10);
    private static final int TICKS_PER_LIFE = 60;
    private static final Duration PRUNING = Duration.ofMinutes(5);

    /** As long as the original keeps its events. */
    private static final Duration CHANGES_KEPT = Duration.ofHours(12);

    private final Authorities authorities;
    private final Entries entries;
    private final JoinTokens tokens;
    private final ChangeFeed feed;
    private final InstantSource clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("housekeeping").daemon().factory());

    Housekeeping(Authorities authorities, Entries entries, JoinTokens tokens, ChangeFeed feed, InstantSource clock) {
        this.authorities = authorities;
        this.entries = entries;
        this.tokens = tokens;
        this.feed = feed;
        this.clock = clock;
    }

    /** @param authorityLife short lives are looked at more often */
    Housekeeping start(Duration authorityLife) {
        var share = authorityLife.dividedBy(TICKS_PER_LIFE);
        long tick = (share.compareTo(LONGEST_TICK) < 0 ? share : LONGEST_TICK).toMillis();
        var _ = thread.scheduleWithFixedDelay(guarded(this::rotate), tick, tick, TimeUnit.MILLISECONDS);
        var _ = thread.scheduleWithFixedDelay(
                guarded(this::prune), PRUNING.toSeconds(), PRUNING.toSeconds(), TimeUnit.SECONDS);
        return this;
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

    private void rotate() throws IOException {
        authorities.rotate();
    }

    private void prune() {
        var now = clock.instant();
        tokens.prune(now);
        feed.prune(CHANGES_KEPT);
        var pruned = entries.prune(now);
        if (!pruned.isEmpty()) {
            log.atInfo().addKeyValue("count", pruned.size()).log("expired entries are removed");
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
