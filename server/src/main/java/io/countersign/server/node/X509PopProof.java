// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.protobuf.ByteString;
import io.countersign.server.node.X509PopMessages.Kind;
import io.countersign.server.node.X509PopMessages.Response;
import io.grpc.Status.Code;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;

/**
 * One question to the holder of a key. The node signs our nonce followed by one of its own, so that we cannot have it sign
 * what we like.
 */
final class X509PopProof {
    private static final int NONCE_BYTES = 32;
    private static final int DIGEST_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final PublicKey key;
    private final Kind kind;
    private final byte[] nonce = new byte[NONCE_BYTES];

    private X509PopProof(PublicKey key, Kind kind) {
        this.key = key;
        this.kind = kind;
        RANDOM.nextBytes(nonce);
    }

    /** @throws io.grpc.StatusRuntimeException if such a key cannot be asked */
    static X509PopProof of(PublicKey key) {
        var kind = switch (key) {
            case RSAPublicKey _ -> Kind.RSA;
            case ECPublicKey _ -> Kind.ECDSA;
            default ->
                throw X509PopAttestation.refused(
                        Code.INTERNAL,
                        "unable to generate challenge: unsupported public key type "
                                + (key instanceof EdECPublicKey ? "ed25519.PublicKey" : key.getAlgorithm()));
        };
        return new X509PopProof(key, kind);
    }

    ByteString challenge() {
        return X509PopMessages.challenge(kind, nonce);
    }

    /** @throws io.grpc.StatusRuntimeException unless it is the answer of who holds the key */
    void verify(ByteString answer) {
        var response =
                X509PopMessages.response(kind, answer).orElseThrow(() -> unproven("expecting " + kind + " response"));
        if (response.nonce().size() != NONCE_BYTES) {
            throw unproven("invalid response nonce");
        }
        boolean good = switch (kind) {
            case RSA -> isSignedByRsa(response);
            case ECDSA -> isSignedByEcdsa(response);
        };
        if (!good) {
            throw unproven(kind + " signature verify failed");
        }
    }

    /** RSASSA-PSS does not say how long its salt is: Go makes it as long as it can, other programs as long as the digest. */
    private boolean isSignedByRsa(Response response) {
        int bits = ((RSAPublicKey) key).getModulus().bitLength();
        int longestSalt = (bits - 1 + 7) / 8 - DIGEST_BYTES - 2;
        return isSignedWithSalt(longestSalt, response) || isSignedWithSalt(DIGEST_BYTES, response);
    }

    private boolean isSignedWithSalt(int bytes, Response response) {
        try {
            var verifier = Signature.getInstance("RSASSA-PSS");
            verifier.setParameter(new PSSParameterSpec(
                    "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, bytes, PSSParameterSpec.TRAILER_FIELD_BC));
            return isSigned(verifier, response, response.parts().getFirst().toByteArray());
        } catch (GeneralSecurityException e) {
            // a signature of another length, which the JDK does not call a false one
            return false;
        }
    }

    private boolean isSignedByEcdsa(Response response) {
        int size = (((ECPublicKey) key).getParams().getOrder().bitLength() + 7) / 8;
        var numbers = new byte[2 * size];
        for (int i = 0; i < 2; i++) {
            var number = response.parts().get(i);
            if (number.size() > size) {
                return false;
            }
            number.copyTo(numbers, (i + 1) * size - number.size());
        }
        try {
            return isSigned(Signature.getInstance("SHA256withECDSAinP1363Format"), response, numbers);
        } catch (GeneralSecurityException e) {
            // numbers that no signature has, which the JDK does not call a false one
            return false;
        }
    }

    private boolean isSigned(Signature verifier, Response response, byte[] signature) throws GeneralSecurityException {
        verifier.initVerify(key);
        verifier.update(nonce);
        verifier.update(response.nonce().toByteArray());
        return verifier.verify(signature);
    }

    private static RuntimeException unproven(String why) {
        return X509PopAttestation.refused(Code.PERMISSION_DENIED, "challenge response verification failed: " + why);
    }
}
