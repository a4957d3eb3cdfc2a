// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.entry;

import io.countersign.datastore.Selector;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A workload below {@code parentId} that has all these selectors may be {@code spiffeId}.
 *
 * @param terms what the identity is like
 * @param expiresAt when the entry is taken away, if ever
 * @param revision 0 at first, one more with each change
 * @param createdAt tells an entry from an earlier one with the same id; whole seconds
 */
public record RegistrationEntry(
        String id,
        SpiffeId spiffeId,
        SpiffeId parentId,
        Set<Selector> selectors,
        Terms terms,
        Optional<Instant> expiresAt,
        long revision,
        Instant createdAt) {
    /** @throws IllegalArgumentException if there is no selector, which would make every workload match */
    public RegistrationEntry {
        selectors = Set.copyOf(selectors);
        if (selectors.isEmpty()) {
            throw new IllegalArgumentException("entry for \"" + spiffeId + "\" has no selector, expected at least one");
        }
    }

    /**
     * What the identity is like, and what it may do at the server.
     *
     * @param x509Ttl zero for the server's default, as is jwtTtl
     * @param dnsNames in order: the first becomes the certificate's common name
     * @param hint for the workload, to tell its identities apart; may be empty
     * @param noPrefetch whether the certificate is made only when it is asked for
     * @param uniqueTokens whether each JWT-SVID is a new one
     */
    public record Terms(
            Duration x509Ttl,
            Duration jwtTtl,
            Set<TrustDomain> federatesWith,
            List<String> dnsNames,
            boolean admin,
            boolean downstream,
            boolean storeSvid,
            String hint,
            boolean noPrefetch,
            boolean uniqueTokens) {
        public static final Terms STANDARD =
                new Terms(Duration.ZERO, Duration.ZERO, Set.of(), List.of(), false, false, false, "", false, false);

        public Terms {
            federatesWith = Set.copyOf(federatesWith);
            dnsNames = List.copyOf(dnsNames);
            if (x509Ttl.isNegative() || jwtTtl.isNegative()) {
                throw new IllegalArgumentException(
                        "a life of " + x509Ttl + " or " + jwtTtl + ", expected none below 0");
            }
        }
    }

    RegistrationEntry withRevision(long newRevision, Instant firstCreated) {
        return new RegistrationEntry(id, spiffeId, parentId, selectors, terms, expiresAt, newRevision, firstCreated);
    }
}
