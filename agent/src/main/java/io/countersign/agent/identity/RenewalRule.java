// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.identity;

import io.countersign.agent.entry.Edition;
import io.countersign.spiffe.x509.X509Svid;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * When a certificate is replaced: at half of its life, give or take a tenth, so that what was issued together is not renewed
 * together. With an {@code availability_target} as much as that is left of it, and up to ten minutes more, if its life is
 * longer by at least twelve hours; so that the server may be away for as long.
 */
public record RenewalRule(Optional<Duration> availabilityTarget) {
    public static final RenewalRule HALF = new RenewalRule(Optional.empty());
    private static final double JITTER = 0.1;
    private static final Duration LEAST_USE = Duration.ofHours(12);
    private static final Duration SPREAD = Duration.ofMinutes(10);

    public Instant renewAt(X509Svid svid) {
        var life = Duration.between(svid.notBefore(), svid.expiresAt());
        return availabilityTarget
                .filter(target -> life.minus(target).compareTo(LEAST_USE) > 0)
                .map(target -> svid.expiresAt().minus(target).minusMillis(upTo(SPREAD)))
                .orElseGet(() -> {
                    var half = life.dividedBy(2).toMillis();
                    return svid.expiresAt().minusMillis((long)
                            (half * ThreadLocalRandom.current().nextDouble(1 - JITTER, 1 + JITTER)));
                });
    }

    private static long upTo(Duration most) {
        return ThreadLocalRandom.current().nextLong(most.toMillis());
    }

    public IssuedSvid issued(X509Svid svid, Edition edition) {
        return new IssuedSvid(svid, edition, renewAt(svid));
    }
}
