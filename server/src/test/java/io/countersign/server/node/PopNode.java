// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.countersign.server.Replies;
import io.countersign.server.Request;
import io.countersign.server.TestServer;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.AttestAgentRequest;
import io.countersign.serverapi.agent.AttestAgentResponse;
import io.countersign.spiffe.x509.X509Svid;
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

    /** @param reattestable as the server says */
    record Admitted(X509Svid svid, boolean reattestable) {}

    Admitted attest() throws Exception {
        return attest(LONGEST_SALT);
    }

    /** @param salt in bytes, of an RSA key of 2048 bits */
    Admitted attest(int salt) throws Exception {
        var request = Request.bare();
        var replies = converse(request, challenge -> answer(challenge, key, salt));
        var result = replies.next().getResult();
        var end = replies.end();
        if (end.isPresent()) {
            throw new AssertionError(end.get());
        }
        return new Admitted(TestServer.svid(result.getSvid(), request.keys()), result.getReattestable());
    }

    /** How it ends if the node says something else to the challenge, should it come to one. */
    Status refusal(UnaryOperator<String> answer) throws Exception {
        var end = converse(Request.bare(), answer).end();
        return Status.fromThrowable(end.orElseThrow(() -> new AssertionError("it was let in")));
    }

    Status refusal() throws Exception {
        return refusal(challenge -> answer(challenge, key));
    }

    private Replies<AttestAgentResponse> converse(Request request, UnaryOperator<String> answer) throws Exception {
        var replies = new Replies<AttestAgentResponse>();
        var requests = TestServer.waiting(AgentGrpc.newStub(server.anonymous())).attestAgent(replies);
        requests.onNext(TestServer.attestation("x509pop", payload(chain), request.der()));
        if (replies.endsOrAnswers()) {
            var challenge = replies.next().getChallenge().toStringUtf8();
            requests.onNext(AttestAgentRequest.newBuilder()
                    .setChallengeResponse(ByteString.copyFromUtf8(answer.apply(challenge)))
                    .build());
        }
        return replies;
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
