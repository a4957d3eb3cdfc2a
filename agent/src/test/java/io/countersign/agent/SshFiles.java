// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.generators.RSAKeyPairGenerator;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.crypto.params.RSAKeyGenerationParameters;
import org.bouncycastle.crypto.util.OpenSSHPrivateKeyUtil;
import org.bouncycastle.crypto.util.OpenSSHPublicKeyUtil;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** The certificate and the key that a host has for SSH, as {@code ssh-keygen} writes them; who signed is left out. */
public record SshFiles(Path folder) {
    /** @param algorithm {@code rsa}, {@code ecdsa} or {@code ed25519} */
    public static SshFiles write(Path folder, String algorithm) throws IOException {
        var keys = generate(algorithm);
        var files = new SshFiles(folder);
        var plain = OpenSSHPublicKeyUtil.encodePublicKey(keys.getPublic());
        int length = plain[3];
        var type = new String(plain, 4, length, StandardCharsets.US_ASCII) + "-cert-v01@openssh.com";
        var certificate = new ByteArrayOutputStream();
        var out = new DataOutputStream(certificate);
        out.writeInt(type.length());
        out.writeBytes(type);
        out.writeInt(Integer.BYTES);
        out.writeInt(0);
        out.write(plain, 4 + length, plain.length - 4 - length);
        Files.writeString(
                files.certificateFile(),
                type + " " + Base64.getEncoder().encodeToString(certificate.toByteArray()) + " a comment\n");
        var text = new StringWriter();
        try (var pem = new PemWriter(text)) {
            var blob = OpenSSHPrivateKeyUtil.encodePrivateKey(keys.getPrivate());
            pem.writeObject(new PemObject(
                    switch (algorithm) {
                        case "rsa" -> "RSA PRIVATE KEY";
                        case "ecdsa" -> "EC PRIVATE KEY";
                        default -> "OPENSSH PRIVATE KEY";
                    },
                    blob));
        }
        Files.writeString(files.keyFile(), text.toString());
        return files;
    }

    private static AsymmetricCipherKeyPair generate(String algorithm) {
        var random = new SecureRandom();
        return switch (algorithm) {
            case "rsa" -> {
                var generator = new RSAKeyPairGenerator();
                generator.init(new RSAKeyGenerationParameters(BigInteger.valueOf(65537), random, 2048, 80));
                yield generator.generateKeyPair();
            }
            case "ecdsa" -> {
                var id = SECObjectIdentifiers.secp256r1;
                var generator = new ECKeyPairGenerator();
                generator.init(new ECKeyGenerationParameters(
                        new ECNamedDomainParameters(id, CustomNamedCurves.getByOID(id)), random));
                yield generator.generateKeyPair();
            }
            default -> {
                var generator = new Ed25519KeyPairGenerator();
                generator.init(new Ed25519KeyGenerationParameters(random));
                yield generator.generateKeyPair();
            }
        };
    }

    public Path keyFile() {
        return folder.resolve("host_key");
    }

    public Path certificateFile() {
        return folder.resolve("host_key-cert.pub");
    }

    public NodeAttestorConfig config() {
        return new NodeAttestorConfig.SshPop(keyFile(), certificateFile());
    }
}
