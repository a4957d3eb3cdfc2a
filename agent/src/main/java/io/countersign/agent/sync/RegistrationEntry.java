// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sync;

import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.time.Instant;
import java.util.Set;

/**
 * What the server says a workload with all these selectors may be.
 *
 * @param revision grows with each change of the entry
 * @param hint for the workload, to tell its identities apart; may be empty
 */
public record RegistrationEntry(
        String id,
        SpiffeId spiffeId,
        Set<Selector> selectors,
        Set<TrustDomain> federatesWith,
        String hint,
        long revision,
        Instant createdAt) {
    public RegistrationEntry {
        selectors = Set.copyOf(selectors);
        federatesWith = Set.copyOf(federatesWith);
    }
}
