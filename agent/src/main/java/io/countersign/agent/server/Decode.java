// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.server;

import com.google.protobuf.ByteString;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.entry.Selector;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.JWTKey;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.serverapi.types.X509SVID;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.InvalidBundleException;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.X509Svid;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's messages as values; anything malformed is an {@link IllegalArgumentException}. */
final class Decode {
    private static final Logger log = LoggerFactory.getLogger(Decode.class);

    private Decode() {}

    static RegistrationEntry entry(Entry entry) {
        return new RegistrationEntry(
                entry.getId(),
                spiffeId(entry.getSpiffeId()),
                entry.getSelectorsList().stream()
                        .map(selector -> new Selector(selector.getType(), selector.getValue()))
                        .collect(Collectors.toSet()),
                entry.getFederatesWithList().stream().map(TrustDomain::parse).collect(Collectors.toSet()),
                entry.getHint(),
                entry.getRevisionNumber(),
                createdAt(entry),
                entry.getAdditionalAttributes().getJwtSvidIncludeJti(),
                entry.getAdmin() || entry.getDownstream());
    }

    private static Instant createdAt(Entry entry) {
        try {
            return Instant.ofEpochSecond(entry.getCreatedAt());
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(entry.getCreatedAt() + " is no time in seconds since 1970", e);
        }
    }

    static SpiffeId spiffeId(SPIFFEID id) {
        return SpiffeId.of(new TrustDomain(id.getTrustDomain()), id.getPath());
    }

    static X509Svid svid(X509SVID message, KeyPair keys) {
        return X509Svid.ofPair(spiffeId(message.getId()), certificates(message.getCertChainList()), keys);
    }

    /** @throws IllegalArgumentException if it is of another trust domain, too */
    static TrustBundle bundle(TrustDomain expected, Bundle bundle) {
        var trustDomain = TrustDomain.parse(bundle.getTrustDomain());
        if (!trustDomain.equals(expected)) {
            throw new IllegalArgumentException(
                    "the bundle is of \"" + trustDomain + "\"; expected that of \"" + expected + "\"");
        }
        return new TrustBundle(
                trustDomain,
                certificates(bundle.getX509AuthoritiesList().stream()
                        .map(authority -> authority.getAsn1())
                        .toList()),
                bundle.getJwtAuthoritiesList().stream()
                        .flatMap(key -> jwtAuthority(bundle, key).stream())
                        .toList(),
                Math.max(0, bundle.getSequenceNumber()),
                bundle.getRefreshHint() > 0
                        ? Optional.of(Duration.ofSeconds(bundle.getRefreshHint()))
                        : Optional.empty());
    }

    /** A key of a kind that is not known here comes from elsewhere and must not take the good ones with it. */
    private static Optional<JwtAuthority> jwtAuthority(Bundle of, JWTKey key) {
        try {
            return Optional.of(
                    JwtAuthority.parse(key.getKeyId(), key.getPublicKey().toByteArray()));
        } catch (InvalidBundleException e) {
            log.atWarn()
                    .addKeyValue("trust_domain", of.getTrustDomain())
                    .addKeyValue("reason", e.getMessage())
                    .log("a key of this bundle is left out");
            return Optional.empty();
        }
    }

    /** @throws IllegalArgumentException if nobody could be verified by it, the server included, too */
    static OwnBundle ownBundle(TrustDomain own, Bundle message) {
        var bundle = bundle(own, message);
        if (bundle.x509Authorities().isEmpty()) {
            throw new IllegalArgumentException(
                    "the bundle of \"" + own + "\" has no x.509 authorities; expected one at least");
        }
        return new OwnBundle(
                bundle,
                Set.copyOf(certificates(message.getX509AuthoritiesList().stream()
                        .filter(authority -> authority.getTainted())
                        .map(authority -> authority.getAsn1())
                        .toList())),
                message.getJwtAuthoritiesList().stream()
                        .filter(key -> key.getTainted())
                        .map(key -> key.getKeyId())
                        .collect(Collectors.toSet()));
    }

    private static List<X509Certificate> certificates(List<ByteString> der) {
        return der.stream()
                .flatMap(bytes -> Der.parseCertificates(bytes.toByteArray()).stream())
                .toList();
    }
}
