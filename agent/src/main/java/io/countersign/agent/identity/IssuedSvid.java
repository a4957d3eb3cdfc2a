// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.identity;

import io.countersign.agent.entry.Edition;
import io.countersign.spiffe.x509.X509Svid;
import java.time.Instant;

/**
 * An X.509-SVID and the moment from which a newer one is wanted.
 *
 * @param edition of the entry it was issued for, as a changed entry needs a new certificate
 */
public record IssuedSvid(X509Svid svid, Edition edition, Instant renewAt) {
    /** The same, wanted newer from then on. */
    public IssuedSvid dueAt(Instant moment) {
        return new IssuedSvid(svid, edition, moment);
    }

    /** Renewed by the rule that holds without a word of the operator. */
    public static IssuedSvid of(X509Svid svid, Edition edition) {
        return new IssuedSvid(svid, edition, RenewalRule.HALF.renewAt(svid));
    }
}
