// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import com.google.protobuf.ByteString;
import io.countersign.spiffe.json.Json;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Base64;

/**
 * Answers the challenges of SPIRE's {@code x509pop}. A nonce of our own goes into what is signed, so that the server cannot
 * have us sign what it likes.
 */
sealed interface X509PopSigner {
    int NONCE_BYTES = 32;
    int DIGEST_BYTES = 32;

    record Rsa(RSAPrivateKey key) implements X509PopSigner {}

    record Ecdsa(ECPrivateKey key) implements X509PopSigner {}

    /** @throws IllegalArgumentException if the attestor does not know such keys */
    static X509PopSigner of(PrivateKey key) {
        return switch (key) {
            case RSAPrivateKey rsa -> new Rsa(rsa);
            case ECPrivateKey ec -> new Ecdsa(ec);
            default ->
                throw new IllegalArgumentException(
                        "a key of type " + key.getAlgorithm() + " was found, expected rsa or ec");
        };
    }

    /** Whether that is the other half of the key. */
    default boolean isOf(PublicKey other) {
        try {
            var verifier = signature();
            verifier.initVerify(other);
            verifier.update(other.getEncoded());
            return verifier.verify(sign(other.getEncoded()));
        } catch (GeneralSecurityException e) {
            // another type of key, or another curve
            return false;
        }
    }

    /**
     * What to say to a challenge.
     *
     * @throws IllegalArgumentException if it is none for this kind of key
     */
    default ByteString answer(ByteString challenge) {
        var kind = switch (this) {
            case Rsa _ -> "rsa_signature";
            case Ecdsa _ -> "ecdsa_signature";
        };
        var asked = nonce(Json.parse(challenge.toByteArray()), kind);
        var own = new byte[NONCE_BYTES];
        new SecureRandom().nextBytes(own);
        try {
            var signature = sign(asked.concat(ByteString.copyFrom(own)).toByteArray());
            return ByteString.copyFromUtf8(
                    "{\"" + kind + "\":{\"nonce\":\"" + base64(own) + "\"," + parts(signature) + "}}");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot sign with the key of x509pop", e);
        }
    }

    private static ByteString nonce(Json challenge, String kind) {
        if (challenge instanceof Json.Members members
                && members.get(kind).orElse(members) instanceof Json.Members asked
                && asked.text("nonce").isPresent()) {
            var nonce = Base64.getDecoder().decode(asked.text("nonce").get());
            if (nonce.length == NONCE_BYTES) {
                return ByteString.copyFrom(nonce);
            }
        }
        throw new IllegalArgumentException(
                "the challenge has no " + kind + " with a nonce of " + NONCE_BYTES + " bytes");
    }

    private String parts(byte[] signature) {
        int half = signature.length / 2;
        return switch (this) {
            case Rsa _ -> "\"signature\":\"" + base64(signature) + "\"";
            case Ecdsa _ ->
                "\"r\":\"" + base64(Arrays.copyOf(signature, half)) + "\",\"s\":\""
                        + base64(Arrays.copyOfRange(signature, half, signature.length)) + "\"";
        };
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private byte[] sign(byte[] message) throws GeneralSecurityException {
        var signer = signature();
        signer.initSign(
                switch (this) {
                    case Rsa(var key) -> key;
                    case Ecdsa(var key) -> key;
                });
        signer.update(message);
        return signer.sign();
    }

    private Signature signature() throws GeneralSecurityException {
        return switch (this) {
            case Rsa(var key) -> {
                // as long a salt as there is room for, as Go makes it
                int salt = (key.getModulus().bitLength() - 1 + 7) / 8 - DIGEST_BYTES - 2;
                var pss = Signature.getInstance("RSASSA-PSS");
                pss.setParameter(new PSSParameterSpec(
                        "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, salt, PSSParameterSpec.TRAILER_FIELD_BC));
                yield pss;
            }
            case Ecdsa _ -> Signature.getInstance("SHA256withECDSAinP1363Format");
        };
    }
}
