// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.TrustedAuthorities.Published;
import io.countersign.server.wire.Trusted;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import java.time.Duration;
import java.util.Optional;

/** This trust domain's bundle as others may know it: which authorities are tainted is nobody else's business. */
public final class PublishedBundle {
    private PublishedBundle() {}

    public static TrustBundle of(TrustDomain trustDomain, Published published, Optional<Duration> refreshHint) {
        var jwt = published.authorities().stream()
                .filter(authority -> authority.kind() == Kind.JWT)
                .map(key -> JwtAuthority.parse(key.authorityId(), Trusted.der(key)))
                .toList();
        var x509 = Trusted.certificates(published.authorities());
        return new TrustBundle(trustDomain, x509, jwt, published.sequenceNumber(), refreshHint);
    }
}
