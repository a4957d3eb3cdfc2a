// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.signers.RSADigestSigner;
import org.bouncycastle.crypto.util.OpenSSHPrivateKeyUtil;
import org.bouncycastle.crypto.util.OpenSSHPublicKeyUtil;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.util.io.pem.PemReader;

/** A private key of SSH: RSA, ECDSA on a NIST curve, or Ed25519. */
sealed interface SshHostKey {
    record Rsa(RSAPrivateCrtKeyParameters key) implements SshHostKey {}

    record Ecdsa(ECPrivateKeyParameters key) implements SshHostKey {}

    record Ed25519(Ed25519PrivateKeyParameters key) implements SshHostKey {}

    /** @param format the algorithm's name in SSH */
    record Signed(String format, ByteString blob) {
        private static Signed of(String format, byte[] blob) {
            return new Signed(format, ByteString.copyFrom(blob));
        }
    }

    /**
     * OpenSSH's own form, or one of the PEM forms that its tools take.
     *
     * @throws IllegalArgumentException if there is no such key without a passphrase
     * @throws IOException if the text is no PEM
     */
    static SshHostKey parse(String pem) throws IOException {
        try (var reader = new PemReader(new StringReader(pem))) {
            var block = reader.readPemObject();
            if (block == null) {
                throw new IllegalArgumentException("no private key found, expected one without a passphrase");
            }
            return of(
                    block.getType().equals("PRIVATE KEY")
                            ? PrivateKeyFactory.createKey(block.getContent())
                            : OpenSSHPrivateKeyUtil.parsePrivateKeyBlob(block.getContent()));
        } catch (IllegalStateException e) {
            // so the library says that there is a passphrase
            throw new IllegalArgumentException(e.getMessage() + ", expected a key without a passphrase", e);
        }
    }

    private static SshHostKey of(AsymmetricKeyParameter key) {
        return switch (key) {
            case RSAPrivateCrtKeyParameters rsa -> new Rsa(rsa);
            case ECPrivateKeyParameters ec -> new Ecdsa(ec);
            case Ed25519PrivateKeyParameters ed -> new Ed25519(ed);
            default ->
                throw new IllegalArgumentException("a key of another type was found, expected rsa, ecdsa or ed25519");
        };
    }

    /** Whether a certificate speaks of the other half of this key; its fields stand in it behind a type and a nonce. */
    default boolean isOf(ByteString certificate) {
        var type = type();
        var fields = ByteString.copyFrom(publicBlob())
                .substring(Integer.BYTES + type.getBytes(StandardCharsets.US_ASCII).length);
        int start = skipString(certificate, skipString(certificate, 0));
        return certificate.size() - start >= fields.size()
                && certificate.substring(start, start + fields.size()).equals(fields);
    }

    /** Where what follows begins; the end of all if it is malformed, which the server will say. */
    private static int skipString(ByteString bytes, int at) {
        if (bytes.size() - at < Integer.BYTES) {
            return bytes.size();
        }
        int length =
                bytes.substring(at, at + Integer.BYTES).asReadOnlyByteBuffer().getInt();
        return length < 0 || length > bytes.size() - at - Integer.BYTES ? bytes.size() : at + Integer.BYTES + length;
    }

    private byte[] publicBlob() {
        try {
            return OpenSSHPublicKeyUtil.encodePublicKey(
                    switch (this) {
                        case Rsa(var key) -> new RSAKeyParameters(false, key.getModulus(), key.getPublicExponent());
                        case Ecdsa(var key) ->
                            new ECPublicKeyParameters(
                                    key.getParameters().getG().multiply(key.getD()), key.getParameters());
                        case Ed25519(var key) -> key.generatePublicKey();
                    });
        } catch (IOException e) {
            throw new UncheckedIOException("a key in memory cannot be encoded", e);
        }
    }

    /** Its name in SSH. */
    private String type() {
        var blob = ByteString.copyFrom(publicBlob());
        return blob.substring(Integer.BYTES, skipString(blob, 0)).toStringUtf8();
    }

    /** As SSH signs: RFC 8332 for RSA, RFC 5656 for ECDSA, RFC 8709 for Ed25519. */
    default Signed sign(byte[] data) {
        return switch (this) {
            case Rsa(var key) -> Signed.of("rsa-sha2-512", rsa(key, data));
            case Ecdsa(var key) -> Signed.of(type(), ecdsa(key, data));
            case Ed25519(var key) -> {
                var signer = new Ed25519Signer();
                signer.init(true, key);
                signer.update(data, 0, data.length);
                yield Signed.of(type(), signer.generateSignature());
            }
        };
    }

    private static byte[] rsa(RSAPrivateCrtKeyParameters key, byte[] data) {
        var signer = new RSADigestSigner(new SHA512Digest());
        signer.init(true, key);
        signer.update(data, 0, data.length);
        try {
            return signer.generateSignature();
        } catch (CryptoException e) {
            throw new IllegalArgumentException("the key of host_key_path is too short to sign", e);
        }
    }

    private static byte[] ecdsa(ECPrivateKeyParameters key, byte[] data) {
        var digest = digest(key.getParameters().getN().bitLength());
        var hash = new byte[digest.getDigestSize()];
        digest.update(data, 0, data.length);
        digest.doFinal(hash, 0);
        var signer = new ECDSASigner();
        signer.init(true, new ParametersWithRandom(key, new SecureRandom()));
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            for (var number : signer.generateSignature(hash)) {
                var encoded = number.toByteArray();
                out.writeInt(encoded.length);
                out.write(encoded);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a signature in memory cannot be encoded", e);
        }
        return bytes.toByteArray();
    }

    private static Digest digest(int bits) {
        if (bits <= 256) {
            return new SHA256Digest();
        }
        return bits <= 384 ? new SHA384Digest() : new SHA512Digest();
    }
}
