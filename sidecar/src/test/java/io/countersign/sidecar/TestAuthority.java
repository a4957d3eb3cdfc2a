// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority made for one test. */
final class TestAuthority {
    private static final Duration LIFE = Duration.ofHours(1);

    private final KeyPair keys = keys();
    private final X509Certificate certificate;

    /** A certificate with its key. */
    record Issued(X509Certificate certificate, PrivateKey key) {
        String certificatePem() {
            return pem("CERTIFICATE", encoded(certificate));
        }

        String keyPem() {
            return pem("PRIVATE KEY", key.getEncoded());
        }
    }

    TestAuthority() {
        certificate = certify("CN=test authority", keys, "", true, Instant.now(), LIFE);
    }

    String pem() {
        return pem("CERTIFICATE", encoded(certificate));
    }

    Issued issue(String id) {
        return issue(id, Instant.now());
    }

    /** Valid from a minute before that moment, until an hour after it. */
    Issued issue(String id, Instant now) {
        return issue(id, now, LIFE);
    }

    Issued issue(String id, Instant now, Duration life) {
        var own = keys();
        return new Issued(certify("CN=leaf", own, id, false, now, life), own.getPrivate());
    }

    /** Shown as a leaf is, but may sign others. */
    Issued issueAuthority(String id) {
        var own = keys();
        return new Issued(certify("CN=leaf", own, id, true, Instant.now(), LIFE), own.getPrivate());
    }

    private X509Certificate certify(
            String subject, KeyPair subjectKeys, String id, boolean authority, Instant now, Duration life) {
        try {
            var builder = new JcaX509v3CertificateBuilder(
                    new X500Name("CN=test authority"),
                    new BigInteger(64, new SecureRandom()),
                    Date.from(now.minusSeconds(60)),
                    Date.from(now.plus(life)),
                    new X500Name(subject),
                    subjectKeys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(
                            KeyUsage.digitalSignature | (authority ? KeyUsage.keyCertSign | KeyUsage.cRLSign : 0)));
            if (!id.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, id)));
            }
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair keys() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + type + "-----\n";
    }
}
