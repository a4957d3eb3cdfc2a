// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.rotation;

import java.time.Duration;
import java.time.Instant;

/**
 * How long an authority lives, and when its successor comes: SPIRE's schedule, so that a successor is in every bundle long
 * before it signs, and nothing that the old one signed outlives it.
 */
public record Lifetime(Instant notBefore, Instant notAfter) {
    private static final Duration LONGEST_PREPARATION = Duration.ofDays(30);
    private static final Duration LONGEST_ACTIVATION = Duration.ofDays(7);

    /** @throws IllegalArgumentException if it ends before it begins */
    public Lifetime {
        if (!notAfter.isAfter(notBefore)) {
            throw new IllegalArgumentException(
                    "a life from " + notBefore + " to " + notAfter + ", expected it to end after it begins");
        }
    }

    /** When the successor is made and published. */
    public Instant prepareAt() {
        return notAfter.minus(shorter(length().dividedBy(2), LONGEST_PREPARATION));
    }

    /** When the successor takes over the signing. */
    public Instant activateAt() {
        return notAfter.minus(shorter(length().dividedBy(6), LONGEST_ACTIVATION));
    }

    /** The longest life of an SVID that is never cut by the end of its authority. */
    public Duration longestSvid() {
        return Duration.between(activateAt(), notAfter);
    }

    private Duration length() {
        return Duration.between(notBefore, notAfter);
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
