// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import io.countersign.agent.entry.Selector;
import java.util.Map;
import java.util.Set;

/**
 * What was found out about one caller.
 *
 * @param selectors each with its assurance
 * @param claimsSuffice whether the operator lets an entry be matched by claims alone
 */
public record Attestation(Map<Selector, Assurance> selectors, boolean claimsSuffice) {
    public Attestation {
        selectors = Map.copyOf(selectors);
    }

    /** Whether all of an entry's selectors were seen, at least one of them by more than a claim unless claims suffice. */
    public boolean satisfies(Set<Selector> wanted) {
        return !wanted.isEmpty()
                && selectors.keySet().containsAll(wanted)
                && (claimsSuffice
                        || wanted.stream().anyMatch(selector -> selectors.get(selector) != Assurance.CLAIMED));
    }
}
