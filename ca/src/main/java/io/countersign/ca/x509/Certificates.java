// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.x509;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.key.Signing;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** What every certificate here has in common: RFC 5280 sections 4.1.2 and 4.2.1. */
final class Certificates {
    /** For peers whose clocks run behind ours. */
    static final Duration BACKDATED = Duration.ofSeconds(10);

    private static final int SERIAL_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Certificates() {}

    /** At random from 1 to 2<sup>128</sup>-1. */
    static BigInteger serialNumber() {
        BigInteger serial;
        do {
            serial = new BigInteger(SERIAL_BITS, RANDOM);
        } while (serial.signum() == 0);
        return serial;
    }

    /** Who signs, in whose name. */
    record Signer(X500Name name, PublicKey publicKey, PrivateKey key) {}

    /** Whom a certificate is for, and until when. */
    record Holder(BigInteger serial, X500Name name, PublicKey key, Instant notBefore, Instant notAfter) {}

    static X509Certificate sign(Signer signer, Holder holder, ExtensionsGenerator extensions) {
        var builder = new X509v3CertificateBuilder(
                signer.name(),
                holder.serial(),
                Date.from(holder.notBefore()),
                Date.from(holder.notAfter()),
                holder.name(),
                SubjectPublicKeyInfo.getInstance(holder.key().getEncoded()));
        var algorithm = KeyType.signatureAlgorithm(signer.publicKey());
        try {
            for (var id : extensions.generate().getExtensionOIDs()) {
                builder.addExtension(extensions.generate().getExtension(id));
            }
            var content = new JcaContentSignerBuilder(algorithm)
                    .setProvider(Signing.provider(algorithm, signer.key()))
                    .build(signer.key());
            return new JcaX509CertificateConverter().getCertificate(builder.build(content));
        } catch (IOException | OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException("a certificate for " + holder.name() + " cannot be signed", e);
        }
    }
}
