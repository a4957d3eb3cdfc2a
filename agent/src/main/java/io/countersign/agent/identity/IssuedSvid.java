// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.identity;

import io.countersign.spiffe.x509.X509Svid;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/**
 * An X.509-SVID and the moment from which a newer one is wanted.
 *
 * @param revision of the entry it was issued for, as a changed entry needs a new certificate
 */
public record IssuedSvid(X509Svid svid, long revision, Instant renewAt) {
    private static final double JITTER = 0.1;

    /** The same, wanted newer from then on. */
    public IssuedSvid dueAt(Instant moment) {
        return new IssuedSvid(svid, revision, moment);
    }

    /** Renewal is due at half of the lifetime, give or take a tenth, so that what was issued together is not renewed together. */
    public static IssuedSvid of(X509Svid svid, long revision) {
        var half = Duration.between(svid.notBefore(), svid.expiresAt()).dividedBy(2);
        var jittered = (long) (half.toMillis() * ThreadLocalRandom.current().nextDouble(1 - JITTER, 1 + JITTER));
        return new IssuedSvid(svid, revision, svid.expiresAt().minusMillis(jittered));
    }
}
