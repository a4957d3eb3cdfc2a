// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.entry;

import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.time.Instant;
import java.util.Set;

/**
 * What the server says a workload with all these selectors may be.
 *
 * @param hint for the workload, to tell its identities apart; may be empty
 * @param revision grows with each change of the entry
 * @param createdAt tells an entry from an earlier one with the same id
 * @param uniqueTokens whether each JWT-SVID must be a new one
 * @param privileged whether it is for an administrator or a server below, whom nobody else may act for
 */
public record RegistrationEntry(
        String id,
        SpiffeId spiffeId,
        Set<Selector> selectors,
        Set<TrustDomain> federatesWith,
        String hint,
        long revision,
        Instant createdAt,
        boolean uniqueTokens,
        boolean privileged) {
    public RegistrationEntry {
        selectors = Set.copyOf(selectors);
        federatesWith = Set.copyOf(federatesWith);
    }

    /** One that is not privileged. */
    public RegistrationEntry(
            String id,
            SpiffeId spiffeId,
            Set<Selector> selectors,
            Set<TrustDomain> federatesWith,
            String hint,
            long revision,
            Instant createdAt,
            boolean uniqueTokens) {
        this(id, spiffeId, selectors, federatesWith, hint, revision, createdAt, uniqueTokens, false);
    }

    public Edition edition() {
        return new Edition(revision, createdAt);
    }
}
