// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.identity;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks once a second whether tokens are due, on a virtual thread of its own, as the server may take its time. */
public final class TokenRefresh implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TokenRefresh.class);
    private static final long SECOND = 1;

    private final JwtSvids tokens;
    private final Snapshots snapshots;
    private final CountDownLatch closed = new CountDownLatch(1);

    public TokenRefresh(JwtSvids tokens, Snapshots snapshots) {
        this.tokens = tokens;
        this.snapshots = snapshots;
    }

    public TokenRefresh start() {
        Thread.ofVirtual().name("token-refresh").start(this::run);
        return this;
    }

    private void run() {
        try {
            while (!closed.await(SECOND, TimeUnit.SECONDS)) {
                refresh();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What fails once must not be the end of all renewals. */
    private void refresh() {
        try {
            tokens.refresh(snapshots.current());
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("tokens are not renewed ahead, which is tried again");
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
