// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig.K8sPsat;
import io.countersign.agent.server.Server.Proof;
import java.io.IOException;
import java.nio.file.Files;

/**
 * By the token that Kubernetes has projected into this agent's pod, as SPIRE's {@code k8s_psat}. Kubernetes renews the file;
 * it is read anew for each attempt.
 */
record K8sPsatAttestor(K8sPsat settings) implements NodeAttestor {
    @Override
    public Proof proof() throws IOException {
        var payload = new JsonObject();
        payload.addProperty("cluster", settings.cluster());
        payload.addProperty("token", token());
        return new Proof("k8s_psat", ByteString.copyFromUtf8(payload.toString()), challenge -> {
            throw new IllegalArgumentException("a projected token was asked a challenge");
        });
    }

    private String token() throws IOException {
        var file = settings.token();
        return PlainFile.read("token_path", file, () -> {
            var token = Files.readString(file).strip();
            if (token.isEmpty()) {
                throw new IllegalArgumentException("it is empty, expected the token of a service account");
            }
            return token;
        });
    }
}
