// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import io.countersign.spiffe.x509.Pem;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** The certificate that a provisioning system has given to a node, and its key, as PEM files. */
public record PopFiles(Path folder, KeyPair keys, X509Certificate certificate) {
    /** In a folder, in the place of those that are there. */
    public static PopFiles ec(Path folder) throws Exception {
        return write(folder, "EC", 256);
    }

    public static PopFiles write(Path folder, String algorithm, int size) throws Exception {
        var generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(size);
        var keys = generator.generateKeyPair();
        var now = Instant.now();
        var name = new X500Name("CN=node");
        var signer = new JcaContentSignerBuilder(algorithm.equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
        var certificate = new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.TWO,
                                Date.from(now.minusSeconds(60)),
                                Date.from(now.plusSeconds(3600)),
                                name,
                                keys.getPublic())
                        .build(signer.build(keys.getPrivate())));
        var files = new PopFiles(folder, keys, certificate);
        Files.writeString(files.keyFile(), Pem.privateKey(keys.getPrivate()));
        Files.writeString(files.certificateFile(), Pem.certificates(List.of(certificate)));
        return files;
    }

    /** Writes the key as OpenSSL did before PKCS#8. */
    public void writeOlderKey() throws Exception {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            writer.writeObject(keys);
        }
        Files.writeString(keyFile(), text.toString());
    }

    public Path keyFile() {
        return folder.resolve("node.key");
    }

    public Path certificateFile() {
        return folder.resolve("node.crt");
    }

    public NodeAttestorConfig config() {
        return new NodeAttestorConfig.X509Pop(keyFile(), certificateFile(), Optional.empty());
    }
}
