// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.wire;

import com.google.protobuf.ByteString;
import io.countersign.ca.x509.KeyIds;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.TrustedAuthority;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.JWTKey;
import io.countersign.spiffe.bundle.JwtAuthority;
import io.countersign.spiffe.x509.Der;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** Authorities of a bundle as certificates and messages, and back. */
public final class Trusted {
    private Trusted() {}

    public static TrustedAuthority root(X509Certificate certificate, boolean tainted) {
        return new TrustedAuthority(
                Kind.X509,
                KeyIds.subject(certificate),
                base64(Der.encodeCertificates(List.of(certificate))),
                certificate.getNotAfter().toInstant(),
                tainted);
    }

    /** @throws IllegalArgumentException if it has no key id, or its key is none that signs tokens */
    public static TrustedAuthority key(JWTKey message) {
        var material = message.getPublicKey().toByteArray();
        if (message.getKeyId().isEmpty()) {
            throw new IllegalArgumentException("missing key ID");
        }
        var _ = JwtAuthority.parse(message.getKeyId(), material);
        return new TrustedAuthority(
                Kind.JWT,
                message.getKeyId(),
                base64(material),
                Instant.ofEpochSecond(message.getExpiresAt()),
                message.getTainted());
    }

    /** @throws IllegalArgumentException if one of them is neither a certificate nor a key */
    public static List<TrustedAuthority> all(Bundle bundle) {
        var roots = bundle.getX509AuthoritiesList().stream()
                .flatMap(root -> Der.parseCertificates(root.getAsn1().toByteArray()).stream()
                        .map(certificate -> root(certificate, root.getTainted())));
        return Stream.concat(roots, bundle.getJwtAuthoritiesList().stream().map(Trusted::key))
                .toList();
    }

    public static JWTKey message(TrustedAuthority key) {
        return JWTKey.newBuilder()
                .setPublicKey(ByteString.copyFrom(der(key)))
                .setKeyId(key.authorityId())
                .setExpiresAt(key.notAfter().getEpochSecond())
                .setTainted(key.tainted())
                .build();
    }

    public static boolean isRoot(TrustedAuthority authority) {
        return authority.kind() == Kind.X509;
    }

    /** The certificates among them. */
    public static List<X509Certificate> certificates(List<TrustedAuthority> authorities) {
        return authorities.stream()
                .filter(Trusted::isRoot)
                .flatMap(root -> Der.parseCertificates(der(root)).stream())
                .toList();
    }

    public static byte[] der(TrustedAuthority authority) {
        return Base64.getDecoder().decode(authority.material());
    }

    private static String base64(byte[] der) {
        return Base64.getEncoder().encodeToString(der);
    }
}
