// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.x509;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Certificates and keys as the Workload API carries them: DER, several certificates simply one after the other. */
public final class Der {
    private static final int SEQUENCE = 0x30;

    private Der() {}

    /**
     * Splits and reads concatenated certificates. No input gives an empty list.
     *
     * @throws X509SvidException if anything but whole certificates is found, PEM text included
     */
    public static List<X509Certificate> parseCertificates(byte[] concatenated) {
        List<X509Certificate> certificates = new ArrayList<>();
        ByteArrayInputStream in = new ByteArrayInputStream(concatenated);
        while (in.available() > 0) {
            in.mark(1);
            if (in.read() != SEQUENCE) {
                throw new X509SvidException("certificate " + certificates.size()
                        + " does not begin with a der sequence; expected der certificates and nothing between them");
            }
            in.reset();
            try {
                certificates.add((X509Certificate) factory().generateCertificate(in));
            } catch (CertificateException e) {
                throw new X509SvidException("certificate " + certificates.size() + " cannot be read", e);
            }
        }
        return List.copyOf(certificates);
    }

    /** The certificates one after the other. */
    public static byte[] encodeCertificates(Collection<X509Certificate> certificates) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (X509Certificate certificate : certificates) {
            try {
                out.writeBytes(certificate.getEncoded());
            } catch (CertificateException e) {
                throw new IllegalStateException("a parsed certificate has an encoding", e);
            }
        }
        return out.toByteArray();
    }

    /**
     * Reads an unencrypted PKCS#8 key (RFC 5958) of type EC, RSA or EdDSA.
     *
     * @throws X509SvidException if it is none of these
     */
    public static PrivateKey parsePkcs8(byte[] pkcs8) {
        return Stream.of("EC", "RSA", "EdDSA")
                .flatMap(algorithm -> read(algorithm, pkcs8).stream())
                .findFirst()
                .orElseThrow(() -> new X509SvidException(
                        "the private key cannot be read; expected pkcs#8 of an ec, rsa or ed25519 key"));
    }

    /** The key, if it is of that type. What goes wrong is not told: the words could hold bytes of the key. */
    private static Optional<PrivateKey> read(String algorithm, byte[] pkcs8) {
        try {
            return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private static CertificateFactory factory() throws CertificateException {
        return CertificateFactory.getInstance("X.509");
    }
}
