// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import java.io.IOException;
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
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** An authority that signs whatever a case needs, sound or not. */
final class Authority {
    private static final String ALGORITHM = "SHA256withECDSA";
    private static final X500Name LEAF = new X500Name("C=US, O=Leaf \\\"quoted\\\", CN=a\\,b");

    private final PrivateKey key;
    private final X500Name name;

    /** @param names URIs, or DNS names if they have no colon */
    record Leaf(List<String> names, boolean authority, Instant from, Instant until) {
        static Leaf of(String... names) {
            var now = Instant.now();
            return new Leaf(List.of(names), false, now.minusSeconds(60), now.plus(Duration.ofHours(1)));
        }

        Leaf asAuthority() {
            return new Leaf(names, true, from, until);
        }

        Leaf valid(Duration fromNow, Duration untilNow) {
            var now = Instant.now();
            return new Leaf(names, authority, now.plus(fromNow), now.plus(untilNow));
        }
    }

    private Authority(PrivateKey key, X500Name name) {
        this.key = key;
        this.name = name;
    }

    /** One that nobody knows. */
    static Authority unknown() {
        return new Authority(keys().getPrivate(), new X500Name("C=US, O=Nobody"));
    }

    /** A certificate that has signed itself, of the authority of another trust domain. */
    static Credential root(String trustDomain) {
        var keys = keys();
        var own = new Authority(keys.getPrivate(), new X500Name("C=US, O=Partner"));
        var leaf = Leaf.of("spiffe://" + trustDomain).asAuthority();
        return new Credential(List.of(own.certify(keys, own.name, leaf)), keys.getPrivate());
    }

    /** The authority that this certificate is of. */
    static Authority of(PrivateKey key, X509Certificate certificate) {
        return new Authority(
                key, X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()));
    }

    Credential issue(Leaf leaf) {
        var own = keys();
        return new Credential(List.of(certify(own, LEAF, leaf)), own.getPrivate());
    }

    private X509Certificate certify(KeyPair subject, X500Name subjectName, Leaf leaf) {
        try {
            var builder = new JcaX509v3CertificateBuilder(
                    name,
                    new BigInteger(100, new SecureRandom()),
                    Date.from(leaf.from()),
                    Date.from(leaf.until()),
                    subjectName,
                    subject.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(leaf.authority()));
            int usage = leaf.authority() ? KeyUsage.keyCertSign | KeyUsage.cRLSign : 0;
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | usage));
            builder.addExtension(Extension.subjectAlternativeName, false, names(leaf.names()));
            var signer = new JcaContentSignerBuilder(ALGORITHM).build(key);
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        } catch (IOException | OperatorCreationException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static GeneralNames names(List<String> names) {
        return new GeneralNames(names.stream()
                .map(name -> name.contains(":")
                        ? new GeneralName(GeneralName.uniformResourceIdentifier, name)
                        : new GeneralName(GeneralName.dNSName, name))
                .toArray(GeneralName[]::new));
    }

    static KeyPair keys() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** A PKCS#10 request for these names, in DER. */
    static byte[] request(KeyPair keys, List<String> names) {
        try {
            var extensions = new ExtensionsGenerator();
            extensions.addExtension(Extension.subjectAlternativeName, false, names(names));
            return new JcaPKCS10CertificationRequestBuilder(new X500Name("C=US, O=SPIRE"), keys.getPublic())
                    .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
                    .build(new JcaContentSignerBuilder(ALGORITHM).build(keys.getPrivate()))
                    .getEncoded();
        } catch (IOException | OperatorCreationException e) {
            throw new AssertionError(e);
        }
    }
}
