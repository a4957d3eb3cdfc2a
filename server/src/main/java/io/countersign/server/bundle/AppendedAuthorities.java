// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.bundle;

import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.AuthorityRecord.State;
import io.countersign.serverapi.bundle.AppendBundleRequest;
import io.countersign.serverapi.types.JWTKey;
import io.countersign.spiffe.x509.Der;
import io.grpc.Status;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** Authorities that an operator adds to the bundle, as they are written down. */
final class AppendedAuthorities {
    private AppendedAuthorities() {}

    /** @throws io.grpc.StatusRuntimeException if there is none, or one that cannot be used */
    static List<AuthorityRecord> of(AppendBundleRequest request) {
        if (request.getX509AuthoritiesCount() == 0 && request.getJwtAuthoritiesCount() == 0) {
            throw invalid("no authorities to append");
        }
        if (request.getWitAuthoritiesCount() > 0) {
            throw invalid("WIT authorities are not supported; expected none");
        }
        var records = new ArrayList<AuthorityRecord>();
        try {
            var keys = BundleMessages.keys(request.getJwtAuthoritiesList());
            for (int i = 0; i < keys.size(); i++) {
                records.add(jwt(request.getJwtAuthorities(i)));
            }
        } catch (IllegalArgumentException e) {
            throw invalid("failed to convert JWT authority: " + e.getMessage());
        }
        try {
            BundleMessages.certificates(request.getX509AuthoritiesList()).forEach(one -> records.add(x509(one)));
        } catch (IllegalArgumentException e) {
            throw invalid("failed to convert X.509 authority: " + e.getMessage());
        }
        return records;
    }

    private static AuthorityRecord jwt(JWTKey key) {
        return new AuthorityRecord(
                Kind.JWT,
                key.getKeyId(),
                "",
                State.APPENDED,
                Base64.getEncoder().encodeToString(key.getPublicKey().toByteArray()),
                Instant.EPOCH,
                Instant.ofEpochSecond(key.getExpiresAt()),
                false);
    }

    private static AuthorityRecord x509(X509Certificate certificate) {
        var der = Der.encodeCertificates(List.of(certificate));
        return new AuthorityRecord(
                Kind.X509,
                fingerprint(der),
                "",
                State.APPENDED,
                Base64.getEncoder().encodeToString(der),
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant(),
                false);
    }

    /** Two certificates may be of one key, so the key's id, which names the server's own authorities, would not do. */
    private static String fingerprint(byte[] der) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(der));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    private static RuntimeException invalid(String message) {
        return Status.INVALID_ARGUMENT.withDescription(message).asRuntimeException();
    }
}
