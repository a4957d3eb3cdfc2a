// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend;

import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority made for one test; issues X509-SVIDs as the three files of a helper. */
public final class TestAuthority {
    private static final X500Name SUBJECT = new X500Name("C=US,O=SPIRE");

    private final KeyPair keys = newKeys();
    private final X509Certificate certificate;

    public TestAuthority() throws Exception {
        var builder = builder("spiffe://example.org", keys, Duration.ofDays(1));
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        certificate = sign(builder);
    }

    /** Writes the files, whole, into a folder; earlier ones are replaced. */
    public X509Certificate issue(String id, Duration life, Path folder) throws Exception {
        var leafKeys = newKeys();
        var builder = builder(id, leafKeys, life);
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
            KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
        }));
        var leaf = sign(builder);
        Files.createDirectories(folder);
        write(folder.resolve("svid_key.pem"), Pem.privateKey(leafKeys.getPrivate()), "rw-------");
        write(folder.resolve("svid.pem"), Pem.certificates(List.of(leaf)), "rw-r--r--");
        write(folder.resolve("svid_bundle.pem"), Pem.certificates(List.of(certificate)), "rw-r--r--");
        return leaf;
    }

    private static void write(Path file, String text, String mode) throws IOException {
        var fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
        Files.writeString(fresh, text);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static JcaX509v3CertificateBuilder builder(String id, KeyPair subject, Duration life) throws IOException {
        var now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                SUBJECT,
                new BigInteger(127, new SecureRandom()),
                Date.from(now.minusSeconds(10)),
                Date.from(now.plus(life)),
                SUBJECT,
                subject.getPublic());
        builder.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, id)));
        return builder;
    }

    private X509Certificate sign(JcaX509v3CertificateBuilder builder) throws Exception {
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    }

    private static KeyPair newKeys() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
