// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.node;

import io.countersign.datastore.Selector;
import io.countersign.spiffe.SpiffeId;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * An agent that has proven where it runs.
 *
 * @param attestationType how, such as {@code join_token}
 * @param current the certificate that it has to show; nothing once it is banned
 * @param renewed the one that was issued to it last and that it has not shown yet
 * @param expiresAt when the certificate ends that it had to show last, banned or not
 * @param canReattest whether it may prove itself anew, and so need not renew
 * @param selectors what is known of the node
 */
public record AttestedNode(
        SpiffeId id,
        String attestationType,
        Optional<Certified> current,
        Optional<Certified> renewed,
        Instant expiresAt,
        boolean canReattest,
        String agentVersion,
        Set<Selector> selectors) {
    public AttestedNode {
        selectors = Set.copyOf(selectors);
    }

    /** A node that is let in with this certificate. */
    public static AttestedNode fresh(
            SpiffeId id, String attestationType, Certified current, boolean canReattest, Set<Selector> selectors) {
        return new AttestedNode(
                id,
                attestationType,
                Optional.of(current),
                Optional.empty(),
                current.expiresAt(),
                canReattest,
                "",
                selectors);
    }

    /** @param serialNumber in decimal digits, as SPIRE's API writes it */
    public record Certified(String serialNumber, Instant expiresAt) {
        /** @throws IllegalArgumentException if the number is none */
        public Certified {
            if (serialNumber.isEmpty() || !serialNumber.chars().allMatch(c -> c >= '0' && c <= '9')) {
                throw new IllegalArgumentException("serial number \"" + serialNumber + "\", expected decimal digits");
            }
        }
    }

    public boolean banned() {
        return current.isEmpty();
    }
}
