// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.rotation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.ca.rotation.Succession.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SuccessionTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private record Lasting(String authorityId, Instant notBefore, Instant notAfter) implements Authority {}

    private final Succession<Lasting> alone =
            new Succession<>(Slot.A, new Lasting("one", NOON, NOON.plus(Duration.ofHours(24))), Optional.empty());

    private static Instant after(int hours) {
        return NOON.plus(Duration.ofHours(hours));
    }

    @Test
    void aSuccessorIsPreparedAtHalfTimeAndTakesOverLater() {
        var two = alone.withPrepared(new Lasting("two", after(12), after(36)));

        assertEquals(Step.NOTHING, alone.due(after(11)));
        assertEquals(Step.PREPARE, alone.due(after(12)));
        assertEquals(Step.NOTHING, two.due(after(19)));
        assertEquals(Step.ACTIVATE, two.due(after(20)));
        assertEquals("two", two.activated().active().authorityId());
        assertEquals(Slot.B, two.activated().slot());
        assertEquals(alone, two.withoutPrepared());
        assertThrows(IllegalStateException.class, alone::activated);
    }

    @Test
    void aSuccessorThatIsAboutToEndItselfIsPreparedAnew() {
        // signed by an authority that had little time left itself
        var shortLived = alone.withPrepared(new Lasting("two", after(12), after(21)));

        assertEquals(Step.PREPARE, shortLived.due(after(20)));
    }
}
