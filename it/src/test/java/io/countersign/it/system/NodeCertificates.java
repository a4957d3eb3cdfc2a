// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import io.countersign.spiffe.x509.Pem;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** What a provisioning system leaves on a node: {@code node.crt}, {@code node.key}, {@code below.crt}, {@code root.crt}. */
record NodeCertificates(Path folder, List<X509Certificate> authorities) {
    static NodeCertificates write(Path folder, String algorithm, int size) throws Exception {
        var root = keys("EC", 256);
        var below = keys("EC", 256);
        var node = keys(algorithm, size);
        var rootCertificate = sign(authority("CN=Root", "CN=Root", root), root);
        var belowCertificate = sign(authority("CN=Root", "CN=Below", below), root);
        var certificate = sign(
                builder("CN=Below", "CN=Node.One,O=Nodes", node)
                        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                        .addExtension(
                                Extension.subjectAlternativeName,
                                false,
                                new GeneralNames(new GeneralName(
                                        GeneralName.uniformResourceIdentifier,
                                        "x509pop://" + Tier.TRUST_DOMAIN + "/zone/eu/west"))),
                below);
        Files.writeString(folder.resolve("root.crt"), Pem.certificates(List.of(rootCertificate)));
        Files.writeString(folder.resolve("below.crt"), Pem.certificates(List.of(belowCertificate)));
        Files.writeString(folder.resolve("node.crt"), Pem.certificates(List.of(certificate)));
        Files.writeString(folder.resolve("node.key"), Pem.privateKey(node.getPrivate()));
        return new NodeCertificates(folder, List.of(belowCertificate, rootCertificate));
    }

    /** What both sides are told of them: {@code x509pop}. */
    NodeProof proof() {
        return new NodeProof(
                "x509pop",
                """
                ca_bundle_path = "%s/root.crt"
                agent_path_template = "/{{ .PluginName }}/{{ .Subject.CommonName | lower | replace \\".\\" \\"-\\" }}"
                """.formatted(folder),
                """
                private_key_path = "%1$s/node.key"
                certificate_path = "%1$s/node.crt"
                intermediates_path = "%1$s/below.crt"
                """.formatted(folder),
                List.of("-node", "-selector", "x509pop:subject:cn:Node.One"));
    }

    /** SHA-1, as selectors name an authority. */
    List<String> fingerprints() throws Exception {
        var digest = MessageDigest.getInstance("SHA-1");
        var all = new ArrayList<String>();
        for (var authority : authorities) {
            all.add(HexFormat.of().formatHex(digest.digest(authority.getEncoded())));
        }
        return all;
    }

    private static KeyPair keys(String algorithm, int size) throws Exception {
        var generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(size);
        return generator.generateKeyPair();
    }

    private static X509v3CertificateBuilder authority(String issuer, String subject, KeyPair keys) throws Exception {
        return builder(issuer, subject, keys)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
    }

    private static X509v3CertificateBuilder builder(String issuer, String subject, KeyPair keys) {
        var now = Instant.now();
        return new JcaX509v3CertificateBuilder(
                new X500Name(issuer),
                BigInteger.valueOf(0xabc),
                Date.from(now.minusSeconds(60)),
                Date.from(now.plusSeconds(3600)),
                new X500Name(subject),
                keys.getPublic());
    }

    private static X509Certificate sign(X509v3CertificateBuilder certificate, KeyPair issuer) throws Exception {
        return new JcaX509CertificateConverter()
                .getCertificate(
                        certificate.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuer.getPrivate())));
    }
}
