// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CallerLimitsTest {
    @Test
    void fitTheMachine() {
        assertEquals(new CallerLimits(12_000, 24_000, 20_000, 40_000, 4), CallerLimits.standard(4, 1L << 30));
        assertEquals(new CallerLimits(1_638, 3_276, 5_000, 10_000, 4), CallerLimits.standard(1, 128L << 20));
    }
}
