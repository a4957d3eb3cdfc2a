// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import io.countersign.agent.entry.Edition;
import io.countersign.agent.identity.IssuedSvid;
import io.countersign.ca.jwt.JwtIssuer;
import io.countersign.ca.jwt.JwtKey;
import io.countersign.ca.jwt.TokenTemplate;
import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaSubject;
import io.countersign.ca.x509.SvidTemplate;
import io.countersign.ca.x509.X509Authority;
import io.countersign.ca.x509.X509Issuer;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.X509Svid;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** The authorities of one trust domain, made for one test. */
public final class TestDomain {
    public static final TrustDomain HOME = new TrustDomain("example.org");
    public static final TrustDomain ABROAD = new TrustDomain("abroad.org");
    private static final Duration WEEK = Duration.ofDays(7);

    private final TrustDomain name;
    private final InstantSource clock;
    private final X509Authority authority;
    private final JwtKey jwtKey;

    public TestDomain(TrustDomain name) {
        this(name, InstantSource.system());
    }

    public TestDomain(TrustDomain name, InstantSource clock) {
        this.name = name;
        this.clock = clock;
        var now = clock.instant();
        authority = X509Authority.selfSigned(name, CaSubject.STANDARD, KeyType.EC_P256.generate(), now, WEEK);
        jwtKey = JwtKey.of(KeyType.EC_P256.generate(), now, WEEK);
    }

    public SpiffeId id(String path) {
        return SpiffeId.of(name, path);
    }

    public X509Certificate sign(SpiffeId id, PublicKey key, Duration ttl) {
        return new X509Issuer(authority).issue(SvidTemplate.of(id, key, ttl), clock.instant());
    }

    public X509Svid issue(String path) {
        return issue(path, Duration.ofHours(1));
    }

    public X509Svid issue(String path, Duration ttl) {
        var keys = KeyType.EC_P256.generate();
        return new X509Svid(id(path), List.of(sign(id(path), keys.getPublic(), ttl)), keys.getPrivate(), "");
    }

    /** One that is for a host name, too. */
    public X509Svid issueFor(String dnsName) {
        var keys = KeyType.EC_P256.generate();
        var template = new SvidTemplate(
                id("/host"), keys.getPublic(), Duration.ofHours(1), List.of(dnsName), Optional.empty());
        var leaf = new X509Issuer(authority).issue(template, clock.instant());
        return new X509Svid(template.id(), List.of(leaf), keys.getPrivate(), "");
    }

    /** For an entry as {@link TestEndpoint#entry} makes it. */
    public IssuedSvid issued(String path) {
        return IssuedSvid.of(issue(path), new Edition(1, Instant.EPOCH));
    }

    public String token(SpiffeId id, List<String> audience, Optional<String> issuer) {
        return token(id, audience, issuer, Duration.ofMinutes(5));
    }

    public String token(SpiffeId id, List<String> audience, Optional<String> issuer, Duration ttl) {
        return new JwtIssuer(jwtKey).issue(new TokenTemplate(id, audience, ttl, issuer, true), clock.instant());
    }

    /** With keys for both kinds of SVID. */
    public TrustBundle bundle() {
        return new TrustBundle(
                name, List.of(authority.certificate()), List.of(jwtKey.authority()), 0, Optional.empty());
    }
}
