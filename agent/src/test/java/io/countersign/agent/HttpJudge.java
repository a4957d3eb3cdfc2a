// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.countersign.serverapi.agent.AttestAgentRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;

/** Looks for its nonce where the node says it is. */
record HttpJudge(String host, String agent, int port) implements NodeJudge {
    private static final String NONCE = "n0-_";

    static HttpJudge of(AttestAgentRequest.Params params) {
        var said = JsonParser.parseString(params.getData().getPayload().toStringUtf8())
                .getAsJsonObject();
        return new HttpJudge(
                said.get("hostname").getAsString(),
                said.get("agentname").getAsString(),
                said.get("port").getAsInt());
    }

    @Override
    public Optional<ByteString> challenge() {
        return Optional.of(ByteString.copyFromUtf8("{\"nonce\":\"" + NONCE + "\"}"));
    }

    @Override
    public void judge(ByteString answer) {
        var found = get("/.well-known/spiffe/nodeattestor/http_challenge/" + agent + "/challenge");
        var other = get("/.well-known/spiffe/nodeattestor/http_challenge/other/challenge");
        if (answer.isEmpty() || found.statusCode() != 200 || !found.body().equals(NONCE + "\n")) {
            throw new AssertionError("a wrong answer: " + found + " " + found.body());
        }
        if (other.statusCode() != 404) {
            throw new AssertionError("another agent answers: " + other);
        }
    }

    private HttpResponse<String> get(String path) {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + path))
                            .build(),
                    BodyHandlers.ofString());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
