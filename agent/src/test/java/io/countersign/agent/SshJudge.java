// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.countersign.serverapi.agent.AttestAgentRequest;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.signers.RSADigestSigner;
import org.bouncycastle.crypto.util.OpenSSHPublicKeyUtil;

/** Whether a node holds the key of the SSH certificate that it shows; who has signed that is not looked at. */
record SshJudge(String type, AsymmetricKeyParameter key) implements NodeJudge {
    private static final String NONCE = "N".repeat(42) + "A=";

    static SshJudge of(AttestAgentRequest.Params params) {
        var shown = ByteBuffer.wrap(Base64.getDecoder()
                .decode(JsonParser.parseString(params.getData().getPayload().toStringUtf8())
                        .getAsJsonObject()
                        .get("Certificate")
                        .getAsString()));
        var type = ByteString.copyFrom(string(shown)).toStringUtf8().replace("-cert-v01@openssh.com", "");
        var _ = string(shown);
        var plain = ByteBuffer.allocate(Integer.BYTES + type.length() + shown.remaining());
        plain.putInt(type.length())
                .put(ByteString.copyFromUtf8(type).toByteArray())
                .put(shown);
        return new SshJudge(type, OpenSSHPublicKeyUtil.parsePublicKey(plain.array()));
    }

    private static byte[] string(ByteBuffer from) {
        var bytes = new byte[from.getInt()];
        from.get(bytes);
        return bytes;
    }

    @Override
    public Optional<ByteString> challenge() {
        return Optional.of(ByteString.copyFromUtf8("{\"Nonce\":\"" + NONCE + "\"}"));
    }

    @Override
    public void judge(ByteString answer) {
        var said = JsonParser.parseString(answer.toStringUtf8()).getAsJsonObject();
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(Base64.getDecoder().decode(NONCE));
            if (!isSigned(digest.digest(bytes(said, "Nonce")), said.getAsJsonObject("Signature"))) {
                throw new AssertionError("a wrong answer: " + said);
            }
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] bytes(JsonObject object, String name) {
        return Base64.getDecoder().decode(object.get(name).getAsString());
    }

    private boolean isSigned(byte[] data, JsonObject signature) throws GeneralSecurityException {
        var blob = bytes(signature, "Blob");
        var format = signature.get("Format").getAsString();
        return switch (key) {
            case RSAKeyParameters rsa -> {
                var verifier = new RSADigestSigner(new SHA512Digest());
                verifier.init(false, rsa);
                verifier.update(data, 0, data.length);
                yield format.equals("rsa-sha2-512") && verifier.verifySignature(blob);
            }
            case ECPublicKeyParameters ec -> {
                var numbers = ByteBuffer.wrap(blob);
                var verifier = new ECDSASigner();
                verifier.init(false, ec);
                yield format.equals(type)
                        && verifier.verifySignature(
                                MessageDigest.getInstance("SHA-256").digest(data),
                                new BigInteger(string(numbers)),
                                new BigInteger(string(numbers)));
            }
            case Ed25519PublicKeyParameters ed -> {
                var verifier = new Ed25519Signer();
                verifier.init(false, ed);
                verifier.update(data, 0, data.length);
                yield format.equals(type) && verifier.verifySignature(blob);
            }
            default -> throw new AssertionError(key);
        };
    }
}
