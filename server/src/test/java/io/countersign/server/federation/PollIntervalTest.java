// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PollIntervalTest {
    private static Duration after(Optional<Duration> hint) {
        var bundle = new TrustBundle(new TrustDomain("other.test"), List.of(), List.of(), 1, hint);
        return PollInterval.after(Optional.of(bundle));
    }

    @ParameterizedTest
    @CsvSource({"PT10M, PT150S", "PT1M, PT15S", "PT1S, PT15S", "PT0S, PT15S", "P1D, PT6H", "P300D, PT6H"})
    void aQuarterOfTheHintWithinBounds(Duration hint, Duration pause) {
        assertEquals(pause, after(Optional.of(hint)));
    }

    @Test
    void fiveMinutesWithoutAHintAndOneWithoutABundle() {
        assertEquals(Duration.ofMinutes(5), after(Optional.empty()));
        assertEquals(Duration.ofMinutes(1), PollInterval.after(Optional.empty()));
    }
}
