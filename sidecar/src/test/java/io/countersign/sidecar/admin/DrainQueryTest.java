// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What Envoy 1.40 was seen to make of the words. */
class DrainQueryTest {
    @Test
    void nothingSaidClosesThePortsAtOnce() {
        assertEquals(new Drain(false, false, false), Drain.of(Map.of()));
    }

    @Test
    void whoeverSkipsTheExitIsGraceful() {
        assertEquals(new Drain(true, true, false), Drain.of(Map.of("skip_exit", "")));
    }

    @Test
    void aWordCountsWhateverItsValue() {
        assertEquals(new Drain(true, false, true), Drain.of(Map.of("graceful", "", "inboundonly", "false")));
    }
}
