// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import io.countersign.spiffe.bundle.TrustBundle;
import java.time.Duration;
import java.util.Optional;

/**
 * How long until a bundle is fetched again, by the rules of SPIRE: four times within the publisher's hint, so that one
 * fetch may fail. What SPIRE derives from the authorities' lives where there is no hint is five minutes here, as the
 * standard has it (SPIFFE Federation section 4.1).
 */
final class PollInterval {
    private static final int TIMES_WITHIN_HINT = 4;
    private static final Duration SHORTEST_HINT = Duration.ofMinutes(1);
    /** A bundle in which a key is revoked has to arrive the same day, whatever the publisher says. */
    private static final Duration LONGEST_HINT = Duration.ofDays(1);

    private static final Duration WITHOUT_HINT = Duration.ofMinutes(5);
    private static final Duration WITHOUT_BUNDLE = Duration.ofMinutes(1);

    private PollInterval() {}

    /** @param held what is stored after the last fetch, whether that went well or not */
    static Duration after(Optional<TrustBundle> held) {
        return held.map(bundle -> bundle.refreshHint()
                        .map(hint -> clamped(hint).dividedBy(TIMES_WITHIN_HINT))
                        .orElse(WITHOUT_HINT))
                .orElse(WITHOUT_BUNDLE);
    }

    private static Duration clamped(Duration hint) {
        if (hint.compareTo(SHORTEST_HINT) < 0) {
            return SHORTEST_HINT;
        }
        return hint.compareTo(LONGEST_HINT) > 0 ? LONGEST_HINT : hint;
    }
}
