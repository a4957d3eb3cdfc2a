// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.x509;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.key.Signing;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.bouncycastle.asn1.DERGeneralizedTime;
import org.bouncycastle.asn1.DERUTCTime;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** What every certificate here has in common: RFC 5280 sections 4.1.2 and 4.2.1. */
final class Certificates {
    /** For peers whose clocks run behind ours. */
    static final Duration BACKDATED = Duration.ofSeconds(10);

    private static final int SERIAL_BITS = 128;
    private static final int FIRST_LONG_YEAR = 2050;
    private static final DateTimeFormatter SHORT_TIME = DateTimeFormatter.ofPattern("uuMMddHHmmss'Z'", Locale.ROOT);
    private static final DateTimeFormatter LONG_TIME = DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'", Locale.ROOT);
    private static final SecureRandom RANDOM = new SecureRandom();
    /** The JDK's reader keeps the last 750 certificates, long enough for each one to reach the old generation. */
    private static final Provider READER = new BouncyCastleProvider();

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
    record Signer(X500Name name, String algorithm, PrivateKey key) {
        static Signer of(X500Name name, PublicKey publicKey, PrivateKey key) {
            var algorithm = KeyType.signatureAlgorithm(publicKey);
            return new Signer(name, algorithm, Signing.converted(key, algorithm));
        }
    }

    /** Whom a certificate is for, and until when. */
    record Holder(BigInteger serial, X500Name name, SubjectPublicKeyInfo key, Instant notBefore, Instant notAfter) {}

    static X509Certificate sign(Signer signer, Holder holder, Extensions extensions) {
        var builder = new X509v3CertificateBuilder(
                signer.name(),
                holder.serial(),
                time(holder.notBefore()),
                time(holder.notAfter()),
                holder.name(),
                holder.key());
        try {
            for (var id : extensions.getExtensionOIDs()) {
                builder.addExtension(extensions.getExtension(id));
            }
            var content = new BufferedSigner(signer.algorithm(), signer.key());
            return new JcaX509CertificateConverter().setProvider(READER).getCertificate(builder.build(content));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("a certificate for " + holder.name() + " cannot be signed", e);
        }
    }

    /** Years from 2050 on need the longer form (RFC 5280 section 4.1.2.5). Bouncy Castle's own way is slow. */
    private static Time time(Instant instant) {
        var utc = instant.atOffset(ZoneOffset.UTC);
        return new Time(
                utc.getYear() < FIRST_LONG_YEAR
                        ? new DERUTCTime(SHORT_TIME.format(utc))
                        : new DERGeneralizedTime(LONG_TIME.format(utc)));
    }
}
