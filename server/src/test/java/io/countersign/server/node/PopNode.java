// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.countersign.server.TestServer;
import io.countersign.server.node.Newcomer.Admitted;
import io.grpc.Status;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;

/** A node that proves itself over TCP by a certificate and its key, as SPIRE's agent does it. */
record PopNode(TestServer server, List<X509Certificate> chain, PrivateKey key) {
    private static final int LONGEST_SALT = 222;

    PopNode {
        chain = List.copyOf(chain);
    }

    Admitted attest() throws Exception {
        return attest(LONGEST_SALT);
    }

    /** @param salt in bytes, of an RSA key of 2048 bits */
    Admitted attest(int salt) throws Exception {
        return newcomer().attest(payload(chain), challenge -> answer(challenge, key, salt));
    }

    /** How it ends if the node says something else to the challenge, should it come to one. */
    Status refusal(UnaryOperator<String> answer) throws Exception {
        return newcomer().refusal(payload(chain), answer);
    }

    Status refusal() throws Exception {
        return refusal(challenge -> answer(challenge, key));
    }

    private Newcomer newcomer() {
        return new Newcomer(server, "x509pop");
    }

    static String payload(List<X509Certificate> chain) {
        var certificates = new JsonArray();
        for (var certificate : chain) {
            try {
                certificates.add(Base64.getEncoder().encodeToString(certificate.getEncoded()));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
        var data = new JsonObject();
        data.add("certificates", certificates);
        return data.toString();
    }

    /** The right answer of the holder of that key. */
    static String answer(String challenge, PrivateKey key) {
        return answer(challenge, key, LONGEST_SALT);
    }

    /** @param salt in bytes, of an RSA key of 2048 bits */
    static String answer(String challenge, PrivateKey key, int salt) {
        try {
            var rsa = key.getAlgorithm().equals("RSA");
            var member = rsa ? "rsa_signature" : "ecdsa_signature";
            var nonce = Base64.getDecoder()
                    .decode(JsonParser.parseString(challenge)
                            .getAsJsonObject()
                            .getAsJsonObject(member)
                            .get("nonce")
                            .getAsString());
            var own = new byte[32];
            new SecureRandom().nextBytes(own);
            var signer = Signature.getInstance(rsa ? "RSASSA-PSS" : "SHA256withECDSAinP1363Format");
            if (rsa) {
                signer.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, salt, 1));
            }
            signer.initSign(key);
            signer.update(nonce);
            signer.update(own);
            var signature = signer.sign();
            var said = new JsonObject();
            said.addProperty("nonce", base64(own));
            if (rsa) {
                said.addProperty("signature", base64(signature));
            } else {
                int half = signature.length / 2;
                said.addProperty("r", base64(Arrays.copyOf(signature, half)));
                said.addProperty("s", base64(Arrays.copyOfRange(signature, half, signature.length)));
            }
            var response = new JsonObject();
            response.add(member, said);
            return response.toString();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
