// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.x509;

import io.countersign.spiffe.SpiffeId;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * What an X509-SVID is to say.
 *
 * @param ttl how long it is to live, counted from now; cut to the life of the authority that signs it
 * @param dnsNames in the order of the registration; the first becomes the common name
 * @param subject in place of the standard one, as a minting request may ask for
 */
public record SvidTemplate(
        SpiffeId id, PublicKey key, Duration ttl, List<String> dnsNames, Optional<X500Principal> subject) {
    /** @throws IllegalArgumentException if the life is not positive or the ID has no path */
    public SvidTemplate {
        dnsNames = List.copyOf(dnsNames);
        if (!ttl.isPositive()) {
            throw new IllegalArgumentException("a life of " + ttl + " for \"" + id + "\", expected more than nothing");
        }
        if (id.path().isEmpty()) {
            throw new IllegalArgumentException("\"" + id + "\" has no path, expected the id of a program");
        }
    }

    public static SvidTemplate of(SpiffeId id, PublicKey key, Duration ttl) {
        return new SvidTemplate(id, key, ttl, List.of(), Optional.empty());
    }
}
