// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.jwt;

import io.countersign.spiffe.SpiffeId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a JWT-SVID is to say.
 *
 * @param audience for whom, in the order asked for; at least one (JWT-SVID section 3.2)
 * @param ttl how long it is to live; cut to the life of the key that signs it
 * @param issuer the {@code iss} claim, if the server has one
 * @param unique whether a {@code jti} tells this token from every other
 */
public record TokenTemplate(SpiffeId id, List<String> audience, Duration ttl, Optional<String> issuer, boolean unique) {
    /** @throws IllegalArgumentException if there is no audience, an empty one, or no life */
    public TokenTemplate {
        audience = List.copyOf(audience);
        if (audience.isEmpty() || audience.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException(
                    "audience " + audience + " for \"" + id + "\", expected at least one name");
        }
        if (!ttl.isPositive()) {
            throw new IllegalArgumentException("a life of " + ttl + " for \"" + id + "\", expected more than nothing");
        }
    }
}
