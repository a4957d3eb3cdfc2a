// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.ssh;

import com.google.protobuf.ByteString;
import java.math.BigInteger;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.signers.RSADigestSigner;
import org.bouncycastle.crypto.util.OpenSSHPublicKeyUtil;

/**
 * A public key: RSA, ECDSA on a NIST curve, or Ed25519.
 *
 * @param blob as SSH encodes it
 */
public record SshKey(ByteString blob) {
    private static final String ECDSA = "ecdsa-sha2-";
    private static final Set<String> TYPES =
            Set.of("ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-ed25519");

    /** @throws IllegalArgumentException if it is malformed, or of another type */
    public SshKey {
        var reader = new SshReader(blob);
        var type = reader.text();
        if (!TYPES.contains(type)) {
            throw new IllegalArgumentException("a key of type \"" + type
                    + "\" was found, expected ssh-rsa, ecdsa-sha2-nistp256, -384 or -521, or ssh-ed25519");
        }
        if (type.startsWith(ECDSA) && !reader.text().equals(type.substring(ECDSA.length()))) {
            throw new IllegalArgumentException("a key of type " + type + " is on another curve");
        }
        var _ = parameters(blob);
    }

    /**
     * A line of an authorized_keys file: perhaps options, then type, base64 and perhaps a comment.
     *
     * @throws IllegalArgumentException if there is no such key in it
     */
    public static SshKey parseLine(String line) {
        var words = List.of(line.strip().split("\\s+", -1));
        for (int i = 0; i < Math.min(2, words.size() - 1); i++) {
            if (TYPES.contains(words.get(i))) {
                var key = new SshKey(ByteString.copyFrom(Base64.getDecoder().decode(words.get(i + 1))));
                if (key.type().equals(words.get(i))) {
                    return key;
                }
            }
        }
        throw new IllegalArgumentException(
                "no public key found, expected its type and base64, as in an authorized_keys" + " file");
    }

    public String type() {
        return new SshReader(blob).text();
    }

    private static AsymmetricKeyParameter parameters(ByteString blob) {
        return OpenSSHPublicKeyUtil.parsePublicKey(blob.toByteArray());
    }

    /** @throws IllegalArgumentException unless this key has signed the data; it says what is wrong */
    public void verify(ByteString data, SshSignature signature) {
        boolean good = switch (parameters(blob)) {
            case RSAKeyParameters rsa -> isSigned(rsa, data, signature);
            case ECPublicKeyParameters ec -> {
                requireFormat(signature, type());
                yield isSigned(ec, data, signature.blob());
            }
            case Ed25519PublicKeyParameters ed -> {
                requireFormat(signature, type());
                var verifier = new Ed25519Signer();
                verifier.init(false, ed);
                verifier.update(data.toByteArray(), 0, data.size());
                yield verifier.verifySignature(signature.blob().toByteArray());
            }
            default -> throw new IllegalStateException("the type of key " + type() + " has been checked");
        };
        if (!good) {
            throw new IllegalArgumentException("ssh: signature did not verify");
        }
    }

    private void requireFormat(SshSignature signature, String expected) {
        if (!signature.format().equals(expected)) {
            throw otherFormat(signature);
        }
    }

    private IllegalArgumentException otherFormat(SshSignature signature) {
        return new IllegalArgumentException("ssh: signature type " + signature.format() + " for key type " + type());
    }

    /** By the name of the key's own type SSH means SHA-1; that is what SPIRE's agents sign with. */
    private boolean isSigned(RSAKeyParameters key, ByteString data, SshSignature signature) {
        var digest = switch (signature.format()) {
            case "ssh-rsa" -> new SHA1Digest();
            case "rsa-sha2-256" -> new SHA256Digest();
            case "rsa-sha2-512" -> new SHA512Digest();
            default -> throw otherFormat(signature);
        };
        var verifier = new RSADigestSigner(digest);
        verifier.init(false, key);
        verifier.update(data.toByteArray(), 0, data.size());
        return verifier.verifySignature(signature.blob().toByteArray());
    }

    /** RFC 5656 section 3.1.2: two numbers, and the digest that fits the curve. */
    private static boolean isSigned(ECPublicKeyParameters key, ByteString data, ByteString signature) {
        var digest = digest(key.getParameters().getN().bitLength());
        var hash = new byte[digest.getDigestSize()];
        digest.update(data.toByteArray(), 0, data.size());
        digest.doFinal(hash, 0);
        var reader = new SshReader(signature);
        var r = new BigInteger(reader.string().toByteArray());
        var s = new BigInteger(reader.string().toByteArray());
        var verifier = new ECDSASigner();
        verifier.init(false, key);
        return reader.isAtEnd() && verifier.verifySignature(hash, r, s);
    }

    private static Digest digest(int bits) {
        if (bits <= 256) {
            return new SHA256Digest();
        }
        return bits <= 384 ? new SHA384Digest() : new SHA512Digest();
    }
}
