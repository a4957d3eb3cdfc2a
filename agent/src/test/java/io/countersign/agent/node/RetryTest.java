// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class RetryTest {
    private final Retry retry = new Retry(
            LoggerFactory.getLogger(RetryTest.class), new TestClock(), Duration.ofSeconds(1), Duration.ofSeconds(5));

    private void assertNear(long millis, Duration pause) {
        assertTrue(Math.abs(pause.toMillis() - millis) <= millis / 10, pause::toString);
    }

    @Test
    void pausesGrowAsFarAsTheyMay() {
        assertNear(1000, retry.failed("it"));
        assertNear(1500, retry.failed("it"));
        for (int i = 0; i < 10; i++) {
            var _ = retry.failed("it");
        }
        assertNear(5000, retry.failed("it"));
        retry.succeeded();
        assertNear(1000, retry.failed("it"));
    }

    @Test
    void whatCannotWaitIsTriedSooner() {
        for (int i = 0; i < 10; i++) {
            var _ = retry.failed("it");
        }
        assertNear(700, retry.failed("it", Duration.ofMillis(700)));
        assertNear(5000, retry.failed("it", Duration.ofMinutes(1)));
    }
}
