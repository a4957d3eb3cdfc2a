// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.authority;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the bundle above every five seconds, as the original does, on a thread of its own: it may have to wait. */
public final class UpstreamWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(UpstreamWatch.class);
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final Authorities authorities;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("upstream").daemon().factory());

    public UpstreamWatch(Authorities authorities) {
        this.authorities = authorities;
    }

    public UpstreamWatch start() {
        var _ = thread.scheduleWithFixedDelay(this::look, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        return this;
    }

    /** What fails is tried again the next time: an executor would never run it again. */
    private void look() {
        try {
            authorities.follow();
        } catch (IOException | RuntimeException e) {
            log.atWarn().addKeyValue("reason", e.getMessage()).log("the upstream bundle is not followed for now");
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
