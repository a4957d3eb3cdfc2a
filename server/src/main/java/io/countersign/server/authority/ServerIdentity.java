// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.authority;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.SvidTemplate;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.x509.X509Svid;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The server's own certificate, made anew when half of its life is over or another authority signs, by the first
 * connection that needs it. Thread-safe.
 */
public final class ServerIdentity {
    private final SpiffeId id;
    private final Authorities authorities;
    private final Duration ttl;
    private final InstantSource clock;
    private Optional<Own> own = Optional.empty();

    private record Own(X509Svid svid, String authorityId, Instant renewAt) {}

    public ServerIdentity(TrustDomain trustDomain, Authorities authorities, Duration ttl, InstantSource clock) {
        this.id = SpiffeId.of(trustDomain, "/spire/server");
        this.authorities = authorities;
        this.ttl = ttl;
        this.clock = clock;
    }

    public synchronized X509Svid svid() {
        var now = clock.instant();
        var signing = authorities.current();
        var authorityId = signing.x509().active().authorityId();
        if (own.isEmpty()
                || !own.get().authorityId().equals(authorityId)
                || !own.get().renewAt().isAfter(now)) {
            var keys = KeyType.EC_P256.generate();
            var chain = signing.x509Issuer().issueChain(SvidTemplate.of(id, keys.getPublic(), ttl), now);
            var svid = X509Svid.ofPair(id, chain, keys);
            var renewAt = now.plus(Duration.between(now, svid.expiresAt()).dividedBy(2));
            own = Optional.of(new Own(svid, authorityId, renewAt));
        }
        return own.get().svid();
    }
}
