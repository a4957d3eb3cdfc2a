// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.bundle;

import com.google.protobuf.ByteString;
import io.countersign.datastore.federation.FederatedBundle;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.JWTKey;
import io.countersign.serverapi.types.X509Certificate;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Bundles of other trust domains as messages, and messages as bundles once they keep the rules. */
public final class BundleMessages {
    private BundleMessages() {}

    public static Bundle message(FederatedBundle federated) {
        var bundle = federated.bundle();
        var message = Bundle.newBuilder()
                .setTrustDomain(bundle.trustDomain().name())
                .setSequenceNumber(bundle.sequenceNumber())
                .setRefreshHint(bundle.refreshHint().map(Duration::toSeconds).orElse(0L));
        for (var certificate : bundle.x509Authorities()) {
            message.addX509Authorities(X509Certificate.newBuilder()
                    .setAsn1(ByteString.copyFrom(Der.encodeCertificates(List.of(certificate)))));
        }
        for (var key : bundle.jwtAuthorities()) {
            message.addJwtAuthorities(JWTKey.newBuilder()
                    .setPublicKey(ByteString.copyFrom(key.publicKey().getEncoded()))
                    .setKeyId(key.keyId())
                    .setExpiresAt(Optional.ofNullable(federated.keyExpiries().get(key.keyId()))
                            .map(Instant::getEpochSecond)
                            .orElse(0L)));
        }
        return message.build();
    }

    /** @throws IllegalArgumentException if the message breaks a rule */
    public static FederatedBundle value(Bundle message) {
        var trustDomain = named("invalid trust domain", () -> Ids.trustDomain(message.getTrustDomain()));
        var x509 = named("unable to parse X.509 authority", () -> certificates(message.getX509AuthoritiesList()));
        var jwt = named("unable to parse JWT authority", () -> keys(message.getJwtAuthoritiesList()));
        if (message.getWitAuthoritiesCount() > 0) {
            throw new IllegalArgumentException("WIT authorities are not supported; expected none");
        }
        if (message.getSequenceNumber() < 0) {
            throw new IllegalArgumentException("sequence number " + Long.toUnsignedString(message.getSequenceNumber())
                    + ", expected less than 2^63");
        }
        if (message.getRefreshHint() < 0) {
            throw new IllegalArgumentException("refresh hint " + message.getRefreshHint() + ", expected none below 0");
        }
        var expiries = new HashMap<String, Instant>();
        message.getJwtAuthoritiesList().stream()
                .filter(key -> key.getExpiresAt() != 0)
                .forEach(key -> expiries.put(key.getKeyId(), Instant.ofEpochSecond(key.getExpiresAt())));
        return new FederatedBundle(
                new TrustBundle(
                        trustDomain,
                        x509,
                        jwt,
                        message.getSequenceNumber(),
                        message.getRefreshHint() == 0
                                ? Optional.empty()
                                : Optional.of(Duration.ofSeconds(message.getRefreshHint()))),
                expiries);
    }

    /** @throws IllegalArgumentException if one of them is no certificate */
    static List<java.security.cert.X509Certificate> certificates(List<X509Certificate> messages) {
        var certificates = new ArrayList<java.security.cert.X509Certificate>();
        for (var message : messages) {
            if (message.getAsn1().isEmpty()) {
                throw new IllegalArgumentException("the certificate is empty, expected der");
            }
            certificates.addAll(Der.parseCertificates(message.getAsn1().toByteArray()));
        }
        return certificates;
    }

    /** @throws IllegalArgumentException if one of them is no key for tokens, or has no id */
    static List<JwtAuthority> keys(List<JWTKey> messages) {
        var keys = new ArrayList<JwtAuthority>();
        for (var message : messages) {
            if (message.getKeyId().isEmpty()) {
                throw new IllegalArgumentException("missing key ID");
            }
            keys.add(JwtAuthority.parse(
                    message.getKeyId(), message.getPublicKey().toByteArray()));
        }
        return keys;
    }

    private static <T> T named(String what, Supplier<T> parser) {
        try {
            return parser.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(what + ": " + e.getMessage(), e);
        }
    }
}
