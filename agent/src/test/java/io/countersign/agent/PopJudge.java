// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.countersign.serverapi.agent.AttestAgentRequest;
import io.countersign.spiffe.x509.Der;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** What a server asks a node that shows a certificate, and whether the answer is good; whom it trusts is not looked at. */
record PopJudge(List<X509Certificate> shown) implements NodeJudge {
    private static final String NONCE = "N".repeat(42) + "A=";

    static PopJudge of(AttestAgentRequest.Params params) {
        var chain = JsonParser.parseString(params.getData().getPayload().toStringUtf8())
                .getAsJsonObject()
                .getAsJsonArray("certificates");
        return new PopJudge(chain.asList().stream()
                .flatMap(each -> Der.parseCertificates(bytes(each.getAsString())).stream())
                .toList());
    }

    private boolean isRsa() {
        return shown.getFirst().getPublicKey().getAlgorithm().equals("RSA");
    }

    @Override
    public Optional<ByteString> challenge() {
        return Optional.of(ByteString.copyFromUtf8(
                isRsa()
                        ? "{\"rsa_signature\":{\"nonce\":\"" + NONCE + "\"},\"ecdsa_signature\":null}"
                        : "{\"rsa_signature\":null,\"ecdsa_signature\":{\"nonce\":\"" + NONCE + "\"}}"));
    }

    @Override
    public void judge(ByteString answer) {
        var said = JsonParser.parseString(answer.toStringUtf8())
                .getAsJsonObject()
                .getAsJsonObject(isRsa() ? "rsa_signature" : "ecdsa_signature");
        if (member(said, "nonce").length != 32 || !isSigned(said)) {
            throw new AssertionError("a wrong answer: " + answer.toStringUtf8());
        }
    }

    private boolean isSigned(JsonObject said) {
        try {
            var verifier = Signature.getInstance(isRsa() ? "RSASSA-PSS" : "SHA256withECDSAinP1363Format");
            if (isRsa()) {
                verifier.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 222, 1));
            }
            verifier.initVerify(shown.getFirst());
            verifier.update(bytes(NONCE));
            verifier.update(member(said, "nonce"));
            return verifier.verify(
                    isRsa()
                            ? member(said, "signature")
                            : ByteString.copyFrom(member(said, "r"))
                                    .concat(ByteString.copyFrom(member(said, "s")))
                                    .toByteArray());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] member(JsonObject json, String name) {
        return bytes(json.get(name).getAsString());
    }

    private static byte[] bytes(String base64) {
        return Base64.getDecoder().decode(base64);
    }
}
