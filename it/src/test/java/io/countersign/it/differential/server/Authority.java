// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.Pem;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Somebody else's authorities and keys by their names; both sides are given the same ones. */
final class Authority {
    private static final Map<String, X509Certificate> CERTIFICATES = new ConcurrentHashMap<>();
    private static final Map<String, KeyPair> KEYS = new ConcurrentHashMap<>();

    private Authority() {}

    /** @param names one, or several with {@code +} between them */
    static byte[] certificates(String names) {
        var der = new ByteArrayOutputStream();
        for (var name : names.split("\\+")) {
            der.writeBytes(Der.encodeCertificates(List.of(certificate(name))));
        }
        return der.toByteArray();
    }

    static String pem(String name) {
        return Pem.certificates(List.of(certificate(name)));
    }

    /** A bundle with that authority alone, as the standard writes it. */
    static String document(String name) {
        return TrustBundle.ofX509(new TrustDomain("any.test"), List.of(certificate(name)))
                .toJson();
    }

    /** A public key; of another kind than tokens can be signed with if it is called so. */
    static byte[] key(String name) {
        return keys(name).getPublic().getEncoded();
    }

    private static KeyPair keys(String name) {
        return KEYS.computeIfAbsent(name, any -> {
            try {
                if (name.equals("Ed25519")) {
                    return KeyPairGenerator.getInstance(name).generateKeyPair();
                }
                var generator = KeyPairGenerator.getInstance("EC");
                generator.initialize(256);
                return generator.generateKeyPair();
            } catch (Exception e) {
                throw new IllegalArgumentException("no key \"" + name + "\"", e);
            }
        });
    }

    private static X509Certificate certificate(String name) {
        return CERTIFICATES.computeIfAbsent(name, any -> {
            try {
                var keys = keys(name);
                var now = Instant.now();
                var subject = new X500Name("CN=" + name);
                var builder = new JcaX509v3CertificateBuilder(
                                subject,
                                BigInteger.valueOf(now.toEpochMilli()),
                                Date.from(now.minusSeconds(60)),
                                Date.from(now.plus(Duration.ofDays(2))),
                                subject,
                                keys.getPublic())
                        .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
                return new JcaX509CertificateConverter()
                        .getCertificate(
                                builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
            } catch (Exception e) {
                throw new IllegalArgumentException("no authority \"" + name + "\"", e);
            }
        });
    }
}
