// SPDX-License-Identifier: Apache-2.0
package io.countersign.evidence;

import io.countersign.spiffe.x509.X509SvidException;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/**
 * What one side of a connection saw in its TLS session; null where it saw or said nothing.
 *
 * @param peerSpiffeId the identity in the peer's certificate
 * @param localSpiffeId the identity that this side presented
 * @param serial the peer certificate's serial number, lower-case hexadecimal without leading zeros
 * @param expiresAt the end of the peer certificate's life, RFC 3339 in UTC
 */
public record Sighting(
        @Nullable String peerSpiffeId,
        @Nullable String localSpiffeId,
        @Nullable String serial,
        @Nullable String expiresAt,
        @Nullable String tlsVersion,
        @Nullable String cipher) {
    public static final Sighting NONE = new Sighting(null, null, null, null, null, null);

    /** What a peer's certificate says, and what it was shown in return. */
    public static Sighting of(X509Certificate peer, @Nullable X509Certificate local, String tlsVersion, String cipher) {
        return new Sighting(
                idOf(peer),
                local == null ? null : idOf(local),
                serialOf(peer),
                peer.getNotAfter().toInstant().toString(),
                tlsVersion,
                cipher);
    }

    /** A serial number in the form of {@link #serial}. */
    public static String serialOf(X509Certificate certificate) {
        return hex(certificate.getSerialNumber());
    }

    /** A serial number in the form of {@link #serial}. */
    public static String hex(BigInteger serial) {
        return serial.toString(16);
    }

    private static @Nullable String idOf(X509Certificate certificate) {
        try {
            return X509SvidValidator.idOf(certificate).toString();
        } catch (X509SvidException e) {
            // a certificate without a SPIFFE ID shows none
            return null;
        }
    }
}
