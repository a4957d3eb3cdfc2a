// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.keys;

import io.countersign.spiffe.bundle.JwtAuthority;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the keys of a source. It asks at once and then at each interval, on a thread of its own; while the source is away
 * or talks nonsense, the last good keys stay. Thread-safe.
 */
public final class KeyPolling implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KeyPolling.class);

    /** @param lastSuccess of a fetch, whether the keys were new or not */
    private record State(Optional<KeySet> keys, Optional<Instant> lastSuccess) {}

    private final KeyFetch fetch;
    private final Duration interval;
    private final InstantSource clock;
    private final Thread thread = Thread.ofVirtual().name("key-polling").unstarted(this::poll);
    private volatile State state = new State(Optional.empty(), Optional.empty());

    private KeyPolling(KeySource source, InstantSource clock) {
        this.fetch = source.open();
        this.interval = source.interval();
        this.clock = clock;
    }

    public static KeyPolling start(KeySource source, InstantSource clock) {
        var polling = new KeyPolling(source, clock);
        polling.thread.start();
        return polling;
    }

    /** Nothing before the first successful fetch. */
    public Optional<KeySet> keys() {
        return state.keys();
    }

    public Optional<Instant> lastSuccess() {
        return state.lastSuccess();
    }

    private void poll() {
        log.atDebug().addKeyValue("interval", interval).log("Polling started");
        try {
            while (true) {
                once();
                Thread.sleep(interval);
            }
        } catch (InterruptedException e) {
            log.debug("Polling done");
        } finally {
            fetch.close();
        }
    }

    private void once() {
        try {
            keep(fetch.fetch());
        } catch (IOException | RuntimeException e) {
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            log.atWarn().addKeyValue("error", e.getMessage()).log("the keys cannot be fetched, the last ones stay");
        }
    }

    private void keep(List<JwtAuthority> fetched) {
        var now = clock.instant();
        var same = state.keys().filter(old -> old.authorities().equals(fetched));
        state = new State(Optional.of(same.orElseGet(() -> new KeySet(fetched, now))), Optional.of(now));
    }

    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
