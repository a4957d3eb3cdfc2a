// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import com.google.protobuf.ByteString;
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
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.proto.JWTSVID;
import io.countersign.workloadapi.proto.X509SVID;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The authority of one trust domain, made for one test, and its identities as values and as messages. */
public final class TestAuthority {
    public static final TrustDomain HOME = new TrustDomain("example.org");
    public static final TrustDomain ABROAD = new TrustDomain("abroad.org");
    private static final Duration DAY = Duration.ofDays(1);

    private final TrustDomain domain;
    private final X509Authority authority;
    private final JwtKey jwtKey = JwtKey.of(KeyType.EC_P256.generate(), Instant.now(), DAY);

    public TestAuthority(TrustDomain domain) {
        this.domain = domain;
        this.authority =
                X509Authority.selfSigned(domain, CaSubject.STANDARD, KeyType.EC_P256.generate(), Instant.now(), DAY);
    }

    public X509Svid issue(String path) {
        return issue(path, KeyType.EC_P256);
    }

    public X509Svid issue(String path, KeyType type) {
        var id = SpiffeId.of(domain, path);
        var keys = type.generate();
        var leaf = new X509Issuer(authority)
                .issue(SvidTemplate.of(id, keys.getPublic(), Duration.ofHours(1)), Instant.now());
        return new X509Svid(id, List.of(leaf), keys.getPrivate(), "");
    }

    public TrustBundle bundle() {
        return TrustBundle.ofX509(domain, List.of(authority.certificate()));
    }

    TrustBundle jwtBundle() {
        return TrustBundle.ofJwt(domain, List.of(jwtKey.authority()));
    }

    ByteString der() {
        return ByteString.copyFrom(Der.encodeCertificates(List.of(authority.certificate())));
    }

    X509SVID.Builder message(X509Svid svid) {
        return X509SVID.newBuilder()
                .setSpiffeId(svid.id().toString())
                .setX509Svid(ByteString.copyFrom(Der.encodeCertificates(svid.chain())))
                .setX509SvidKey(ByteString.copyFrom(svid.privateKey().getEncoded()))
                .setBundle(der())
                .setHint(svid.hint());
    }

    /** What an agent sends for these. */
    X509SVIDResponse response(X509Svid... svids) {
        var response = X509SVIDResponse.newBuilder();
        for (var svid : svids) {
            response.addSvids(message(svid));
        }
        return response.build();
    }

    JWTSVID.Builder token(String path, String audience) {
        var id = SpiffeId.of(domain, path);
        var token = new JwtIssuer(jwtKey)
                .issue(
                        new TokenTemplate(id, List.of(audience), Duration.ofMinutes(5), Optional.empty(), true),
                        Instant.now());
        return JWTSVID.newBuilder().setSpiffeId(id.toString()).setSvid(token);
    }
}
