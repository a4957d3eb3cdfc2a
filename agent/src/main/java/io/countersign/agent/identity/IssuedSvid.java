// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.identity;

import io.countersign.spiffe.x509.X509Svid;
import java.time.Instant;

/**
 * An X.509-SVID and the moment from which a newer one is wanted.
 *
 * @param revision of the entry it was issued for, as a changed entry needs a new certificate
 */
public record IssuedSvid(X509Svid svid, long revision, Instant renewAt) {
    /** The same, wanted newer from then on. */
    public IssuedSvid dueAt(Instant moment) {
        return new IssuedSvid(svid, revision, moment);
    }

    /** Renewed by the rule that holds without a word of the operator. */
    public static IssuedSvid of(X509Svid svid, long revision) {
        return new IssuedSvid(svid, revision, RenewalRule.HALF.renewAt(svid));
    }
}
