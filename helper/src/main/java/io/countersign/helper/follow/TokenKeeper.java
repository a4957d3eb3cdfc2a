// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.follow;

import io.countersign.helper.delivery.DeliveryException;
import io.countersign.helper.delivery.JwtTokenFile;
import io.countersign.helper.health.WriteState;
import io.countersign.spiffe.jwt.JwtSvidException;
import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.WorkloadApiException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Renews one token when half of its life is over, and tries again with growing pauses if that fails. On one virtual thread. */
public final class TokenKeeper implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TokenKeeper.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final Supplier<WorkloadApiClient> agent;
    private final JwtTokenFile file;
    private final WriteState written;
    private final InstantSource clock;
    private final Outage outage;
    private final Pauses pauses = new Pauses(FIRST_PAUSE, LONGEST_PAUSE);
    private final Thread thread;
    private Optional<Instant> goodUntil = Optional.empty();

    /** @param agent gives a new client for each try: an old one waits longer than we do before it dials again */
    public TokenKeeper(Supplier<WorkloadApiClient> agent, JwtTokenFile file, WriteState written, InstantSource clock) {
        this.agent = agent;
        this.file = file;
        this.written = written;
        this.clock = clock;
        this.outage = new Outage(log, "Unable to fetch JWT SVID", clock);
        this.thread = Thread.ofVirtual().name("token " + file.file()).unstarted(this::run);
    }

    public TokenKeeper start() {
        thread.start();
        return this;
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(renew());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** How long to wait before the next time. */
    private Duration renew() {
        try (var client = agent.get()) {
            var token = file.renew(client, clock.instant());
            written.written(Optional.of(token.expiresAt()));
            outage.over();
            pauses.reset();
            goodUntil = Optional.of(token.expiresAt());
            log.atInfo()
                    .addKeyValue("file", file.file())
                    .addKeyValue("spiffe_id", token.id())
                    .addKeyValue("expires_at", token.expiresAt())
                    .log("JWT SVID updated");
            return halfOfWhatRemains(token.expiresAt());
        } catch (WorkloadApiException e) {
            outage.failed(e.words(), goodUntil);
        } catch (JwtSvidException e) {
            log.error("Unable to parse or validate token: {}", e.getMessage());
        } catch (DeliveryException e) {
            written.failed();
            log.error("Unable to update JWT SVID: {}", e.getMessage());
        } catch (RuntimeException e) {
            written.failed();
            log.error("Unable to update JWT SVID: the helper failed", e);
        }
        return pauses.next();
    }

    private Duration halfOfWhatRemains(Instant end) {
        var half = Duration.between(clock.instant(), end).dividedBy(2);
        return half.isNegative() ? FIRST_PAUSE : half.plus(FIRST_PAUSE);
    }

    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
