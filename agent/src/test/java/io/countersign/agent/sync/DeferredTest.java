// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.entry.Selector;
import io.countersign.spiffe.SpiffeId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeferredTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private final Deferred deferred = new Deferred();

    private static RegistrationEntry entry(long revision) {
        return new RegistrationEntry(
                "one",
                SpiffeId.parse("spiffe://example.org/web"),
                Set.of(new Selector("unix", "uid:1")),
                Set.of(),
                "",
                revision,
                BEGIN,
                false);
    }

    @Test
    void pausesGrowToFourMinutes() {
        var now = BEGIN;
        var pauses = new ArrayList<Long>();
        for (int i = 0; i < 10; i++) {
            deferred.refused(entry(0), now);
            long seconds = 0;
            while (deferred.holds(entry(0), now.plusSeconds(seconds))) {
                seconds++;
            }
            pauses.add(seconds);
            now = now.plusSeconds(seconds);
        }
        assertEquals(List.of(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 240L, 240L), pauses);
    }

    @Test
    void aChangedEntryIsAskedForAtOnce() {
        deferred.refused(entry(0), BEGIN);
        assertTrue(deferred.holds(entry(0), BEGIN));
        assertFalse(deferred.holds(entry(1), BEGIN));
    }

    @Test
    void aClockThatIsSetBackEndsTheWaiting() {
        deferred.refused(entry(0), BEGIN);
        assertFalse(deferred.holds(entry(0), BEGIN.minusSeconds(3_600)));
    }

    @Test
    void whatWasIssuedWaitsNoMore() {
        deferred.refused(entry(0), BEGIN);
        deferred.issued(entry(0));
        assertFalse(deferred.holds(entry(0), BEGIN));
    }
}
