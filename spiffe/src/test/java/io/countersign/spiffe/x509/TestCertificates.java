// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.x509;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Certificates of every shape, right and wrong, made at run time. */
public final class TestCertificates {
    public static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final AtomicLong SERIAL = new AtomicLong(1000);

    public final KeyPair rootKeys = keys();
    public final KeyPair leafKeys = keys();
    public final X509Certificate root =
            authority("CN=root", rootKeys.getPublic()).sign(rootKeys.getPrivate(), "CN=root");

    public static KeyPair keys() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A certificate in the making. */
    public static final class Draft {
        private final PublicKey key;
        private String subject;
        private Instant from = NOW.minusSeconds(3600);
        private Instant to = NOW.plusSeconds(3600);
        private final java.util.Map<ASN1ObjectIdentifier, ASN1Encodable> extensions = new java.util.LinkedHashMap<>();
        private final java.util.Set<ASN1ObjectIdentifier> critical = new java.util.HashSet<>();

        Draft(String subject, PublicKey key) {
            this.subject = subject;
            this.key = key;
        }

        Draft subject(String name) {
            subject = name;
            return this;
        }

        Draft with(ASN1ObjectIdentifier id, boolean isCritical, ASN1Encodable value) {
            extensions.put(id, value);
            critical.remove(id);
            if (isCritical) {
                critical.add(id);
            }
            return this;
        }

        Draft without(ASN1ObjectIdentifier id) {
            extensions.remove(id);
            return this;
        }

        Draft usage(int bits) {
            return with(Extension.keyUsage, true, new KeyUsage(bits));
        }

        Draft purposes(KeyPurposeId... purposes) {
            return with(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
        }

        Draft uris(String... uris) {
            var names = java.util.Arrays.stream(uris)
                    .map(uri -> new GeneralName(GeneralName.uniformResourceIdentifier, uri))
                    .toArray(GeneralName[]::new);
            return with(Extension.subjectAlternativeName, false, new GeneralNames(names));
        }

        Draft valid(Instant begin, Instant end) {
            from = begin;
            to = end;
            return this;
        }

        public X509Certificate sign(PrivateKey signer, String issuer) {
            try {
                return new JcaX509CertificateConverter().getCertificate(signed(signer, issuer));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        /** As it comes over the wire, perhaps not to be read by a JDK. */
        byte[] encoded(PrivateKey signer, String issuer) throws IOException {
            return signed(signer, issuer).getEncoded();
        }

        private X509CertificateHolder signed(PrivateKey signer, String issuer) {
            try {
                var builder = new JcaX509v3CertificateBuilder(
                        new X500Name(issuer),
                        BigInteger.valueOf(SERIAL.incrementAndGet()),
                        Date.from(from),
                        Date.from(to),
                        new X500Name(subject),
                        key);
                for (var extension : extensions.entrySet()) {
                    builder.addExtension(
                            extension.getKey(), critical.contains(extension.getKey()), extension.getValue());
                }
                var algorithm = signer.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
                return builder.build(new JcaContentSignerBuilder(algorithm).build(signer));
            } catch (IOException | OperatorCreationException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    public static Draft authority(String name, PublicKey key) {
        return new Draft(name, key)
                .with(Extension.basicConstraints, true, new BasicConstraints(true))
                .usage(KeyUsage.keyCertSign | KeyUsage.cRLSign)
                .uris("spiffe://example.org");
    }

    public static Draft leaf(PublicKey key, String... uris) {
        return new Draft("C=US,O=SPIRE", key)
                .with(Extension.basicConstraints, true, new BasicConstraints(false))
                .usage(KeyUsage.digitalSignature)
                .purposes(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth)
                .uris(uris);
    }

    public Draft leaf() {
        return leaf(leafKeys.getPublic(), "spiffe://example.org/web");
    }

    public X509Certificate signed(Draft draft) {
        return draft.sign(rootKeys.getPrivate(), "CN=root");
    }

    /** A leaf in the place of an authority, as an entry of a bundle. */
    public String leafAsEntry(String point) {
        try {
            var der = Base64.getEncoder().encodeToString(signed(leaf()).getEncoded());
            return "{\"use\":\"x509-svid\"," + point + ",\"x5c\":[\"" + der + "\"]}";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** RSA with so many bits. */
    public static KeyPair rsa(int bits) {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
