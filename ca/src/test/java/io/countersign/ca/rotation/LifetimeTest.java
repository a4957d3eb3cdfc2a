// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.rotation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LifetimeTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** Before the end: half of a life up to 30 days, a sixth up to 7. */
    @ParameterizedTest
    @CsvSource({"PT24H, PT12H, PT4H", "P60D, P30D, P7D", "P365D, P30D, P7D", "PT1M, PT30S, PT10S"})
    void theSuccessorComesInTime(Duration life, Duration prepared, Duration activated) {
        var lifetime = new Lifetime(START, START.plus(life));

        assertEquals(START.plus(life).minus(prepared), lifetime.prepareAt());
        assertEquals(START.plus(life).minus(activated), lifetime.activateAt());
        assertEquals(activated, lifetime.longestSvid());
    }

    @Test
    void aLifeEndsAfterItBegins() {
        assertThrows(IllegalArgumentException.class, () -> new Lifetime(START, START));
    }
}
