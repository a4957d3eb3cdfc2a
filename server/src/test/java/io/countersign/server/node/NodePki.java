// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Certificates that nodes have from elsewhere. */
final class NodePki {
    private NodePki() {}

    /** A certificate and its key. */
    record Holder(X509Certificate certificate, KeyPair keys) {
        X500Name name() {
            return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        }
    }

    /** What a node's certificate is to be like. */
    record Wish(
            String subject,
            BigInteger serial,
            KeyPair keys,
            Instant from,
            Duration life,
            int usage,
            List<GeneralName> names) {
        static Wish of(KeyPair keys, Instant now) {
            return new Wish(
                    "CN=node-1,O=Nodes",
                    BigInteger.valueOf(0xabc),
                    keys,
                    now.minusSeconds(60),
                    Duration.ofDays(1),
                    KeyUsage.digitalSignature,
                    List.of());
        }

        Wish subject(String other) {
            return new Wish(other, serial, keys, from, life, usage, names);
        }

        Wish life(Instant since, Duration other) {
            return new Wish(subject, serial, keys, since, other, usage, names);
        }

        Wish usage(int other) {
            return new Wish(subject, serial, keys, from, life, other, names);
        }

        Wish uri(String uri) {
            return name(GeneralName.uniformResourceIdentifier, uri);
        }

        Wish name(int tag, String name) {
            var more = new ArrayList<>(names);
            more.add(new GeneralName(tag, name));
            return new Wish(subject, serial, keys, from, life, usage, List.copyOf(more));
        }
    }

    static KeyPair ec() {
        return keys("EC", 256);
    }

    static KeyPair keys(String algorithm, int size) {
        try {
            var generator = KeyPairGenerator.getInstance(algorithm);
            if (size > 0) {
                generator.initialize(size);
            }
            return generator.generateKeyPair();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static Holder root(String name, Instant now) {
        return authority(name, Optional.empty(), now);
    }

    static Holder authority(String name, Optional<Holder> issuer, Instant now) {
        var wish = Wish.of(ec(), now).subject("CN=" + name).usage(KeyUsage.keyCertSign);
        return new Holder(sign(wish, issuer, true), wish.keys());
    }

    static X509Certificate node(Wish wish, Holder issuer) {
        return sign(wish, Optional.of(issuer), false);
    }

    private static X509Certificate sign(Wish wish, Optional<Holder> issuer, boolean authority) {
        try {
            var subject = new X500Name(wish.subject());
            var builder = new JcaX509v3CertificateBuilder(
                            issuer.map(Holder::name).orElse(subject),
                            wish.serial(),
                            Date.from(wish.from()),
                            Date.from(wish.from().plus(wish.life())),
                            subject,
                            wish.keys().getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(authority))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(wish.usage()));
            if (!wish.names().isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(wish.names().toArray(GeneralName[]::new)));
            }
            PrivateKey signer = issuer.map(Holder::keys).orElse(wish.keys()).getPrivate();
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer)));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
