// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.protobuf.ByteString;
import io.countersign.server.ssh.SshKey;
import io.countersign.server.ssh.SshSignature;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.generators.RSAKeyPairGenerator;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.crypto.params.RSAKeyGenerationParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.signers.RSADigestSigner;
import org.bouncycastle.crypto.util.OpenSSHPublicKeyUtil;

/** Keys and certificates as {@code ssh-keygen} makes them, and such as it would not. */
final class SshPki {
    private static final SecureRandom RANDOM = new SecureRandom();

    private SshPki() {}

    enum Algorithm {
        RSA("rsa-sha2-512"),
        P256("ecdsa-sha2-nistp256"),
        P384("ecdsa-sha2-nistp384"),
        P521("ecdsa-sha2-nistp521"),
        ED25519("ssh-ed25519");

        private final String signature;

        Algorithm(String signature) {
            this.signature = signature;
        }
    }

    record HostKey(Algorithm algorithm, AsymmetricCipherKeyPair pair) {
        static HostKey generate(Algorithm algorithm) {
            return new HostKey(
                    algorithm,
                    switch (algorithm) {
                        case RSA -> {
                            var generator = new RSAKeyPairGenerator();
                            generator.init(new RSAKeyGenerationParameters(BigInteger.valueOf(65537), RANDOM, 2048, 80));
                            yield generator.generateKeyPair();
                        }
                        case P256 -> curve(SECObjectIdentifiers.secp256r1);
                        case P384 -> curve(SECObjectIdentifiers.secp384r1);
                        case P521 -> curve(SECObjectIdentifiers.secp521r1);
                        case ED25519 -> {
                            var generator = new Ed25519KeyPairGenerator();
                            generator.init(new Ed25519KeyGenerationParameters(RANDOM));
                            yield generator.generateKeyPair();
                        }
                    });
        }

        private static AsymmetricCipherKeyPair curve(ASN1ObjectIdentifier id) {
            var generator = new ECKeyPairGenerator();
            generator.init(new ECKeyGenerationParameters(
                    new ECNamedDomainParameters(id, CustomNamedCurves.getByOID(id)), RANDOM));
            return generator.generateKeyPair();
        }

        byte[] publicBlob() {
            try {
                return OpenSSHPublicKeyUtil.encodePublicKey(pair.getPublic());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        SshKey publicKey() {
            return new SshKey(ByteString.copyFrom(publicBlob()));
        }

        SshSignature sign(byte[] data) {
            return sign(data, algorithm.signature);
        }

        SshSignature sign(byte[] data, String format) {
            try {
                return new SshSignature(format, ByteString.copyFrom(signature(data, format)));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        private byte[] signature(byte[] data, String format) throws Exception {
            return switch (algorithm) {
                case RSA -> {
                    var signer = new RSADigestSigner(
                            switch (format) {
                                case "ssh-rsa" -> new SHA1Digest();
                                case "rsa-sha2-256" -> new SHA256Digest();
                                default -> new SHA512Digest();
                            });
                    signer.init(true, pair.getPrivate());
                    signer.update(data, 0, data.length);
                    yield signer.generateSignature();
                }
                case P256 -> ecdsa(data, new SHA256Digest());
                case P384 -> ecdsa(data, new SHA384Digest());
                case P521 -> ecdsa(data, new SHA512Digest());
                case ED25519 -> {
                    var signer = new Ed25519Signer();
                    signer.init(true, pair.getPrivate());
                    signer.update(data, 0, data.length);
                    yield signer.generateSignature();
                }
            };
        }

        private byte[] ecdsa(byte[] data, Digest digest) {
            var hash = new byte[digest.getDigestSize()];
            digest.update(data, 0, data.length);
            digest.doFinal(hash, 0);
            var signer = new ECDSASigner();
            signer.init(true, pair.getPrivate());
            var numbers = signer.generateSignature(hash);
            return new Writer()
                    .string(numbers[0].toByteArray())
                    .string(numbers[1].toByteArray())
                    .bytes();
        }

        /** As in an authorized_keys file. */
        String line() {
            return publicKey().type() + " " + Base64.getEncoder().encodeToString(publicBlob()) + " "
                    + algorithm.name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a certificate is to say. */
    record Wish(
            HostKey key,
            HostKey authority,
            int type,
            List<String> principals,
            long from,
            long until,
            List<String> critical) {
        static Wish of(HostKey key, HostKey authority) {
            return new Wish(key, authority, 2, List.of("node-1.example.org", "other"), 0, -1L, List.of());
        }

        Wish type(int other) {
            return new Wish(key, authority, other, principals, from, until, critical);
        }

        Wish principals(String... others) {
            return new Wish(key, authority, type, List.of(others), from, until, critical);
        }

        Wish time(long first, long last) {
            return new Wish(key, authority, type, principals, first, last, critical);
        }

        Wish critical(String... options) {
            return new Wish(key, authority, type, principals, from, until, List.of(options));
        }

        byte[] unsigned() {
            var plain = key.publicBlob();
            var type = key.publicKey().type();
            var names = new Writer();
            principals.forEach(names::text);
            var options = new Writer();
            critical.forEach(option -> options.text(option).string(new byte[0]));
            return new Writer()
                    .text(type + "-cert-v01@openssh.com")
                    .string(new byte[32])
                    .raw(plain, 4 + type.length())
                    .number(7)
                    .small(type())
                    .text("key-id")
                    .string(names.bytes())
                    .number(from)
                    .number(until)
                    .string(options.bytes())
                    .string(new Writer()
                            .text("an-extension")
                            .string(new byte[0])
                            .bytes())
                    .string(new byte[0])
                    .string(authority.publicBlob())
                    .bytes();
        }

        byte[] certificate() {
            return certificate(authority.sign(unsigned()));
        }

        byte[] certificate(SshSignature signature) {
            return new Writer()
                    .raw(unsigned(), 0)
                    .string(new Writer()
                            .text(signature.format())
                            .string(signature.blob().toByteArray())
                            .bytes())
                    .bytes();
        }
    }

    private static final class Writer {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream out = new DataOutputStream(bytes);

        private interface Writing {
            void run() throws IOException;
        }

        private Writer write(Writing writing) {
            try {
                writing.run();
                return this;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        Writer string(byte[] value) {
            return write(() -> {
                out.writeInt(value.length);
                out.write(value);
            });
        }

        Writer text(String value) {
            return string(value.getBytes(StandardCharsets.UTF_8));
        }

        Writer number(long value) {
            return write(() -> out.writeLong(value));
        }

        Writer small(int value) {
            return write(() -> out.writeInt(value));
        }

        Writer raw(byte[] value, int from) {
            return write(() -> out.write(value, from, value.length - from));
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
    }
}
