// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaSubject;
import io.countersign.ca.x509.SvidTemplate;
import io.countersign.ca.x509.X509Authority;
import io.countersign.ca.x509.X509Issuer;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.X509Context;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** An authority of example.org made for one test. */
public final class TestAuthority {
    public static final SpiffeId FRONTEND = SpiffeId.parse("spiffe://example.org/ns/demo/sa/frontend");
    public static final SpiffeId BACKEND = SpiffeId.parse("spiffe://example.org/ns/demo/sa/backend");
    public static final SpiffeId POSTGRES = SpiffeId.parse("spiffe://example.org/ns/demo/sa/postgres");
    public static final SpiffeId INTRUDER = SpiffeId.parse("spiffe://example.org/ns/demo/sa/intruder");
    private static final TrustDomain DOMAIN = TrustDomain.parse("example.org");

    private final X509Authority authority = X509Authority.selfSigned(
            DOMAIN, CaSubject.STANDARD, KeyType.EC_P256.generate(), Instant.now(), Duration.ofDays(1));

    public X509Svid issue(SpiffeId id) {
        var keys = KeyType.EC_P256.generate();
        var leaf = new X509Issuer(authority)
                .issue(SvidTemplate.of(id, keys.getPublic(), Duration.ofHours(1)), Instant.now());
        return new X509Svid(id, List.of(leaf), keys.getPrivate(), "");
    }

    public TrustBundle bundle() {
        return TrustBundle.ofX509(DOMAIN, List.of(authority.certificate()));
    }

    /** What an agent gives to the program of this identity. */
    public X509Context context(SpiffeId id) {
        return new X509Context(List.of(issue(id)), Map.of(DOMAIN, bundle()));
    }
}
