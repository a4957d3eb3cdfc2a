// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig.HttpChallenge;
import io.countersign.agent.server.Server.Proof;
import io.countersign.spiffe.json.Json;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** By answering over HTTP at this host's name, as SPIRE's {@code http_challenge}. Nobody listens but during an attempt. */
record HttpChallengeAttestor(HttpChallenge place) implements NodeAttestor {
    /** What the server makes of it is nothing, but an empty message is none. */
    private static final ByteString READY = ByteString.copyFromUtf8("\n");

    @Override
    public Proof proof() throws IOException {
        var listener = listen();
        var payload = new JsonObject();
        payload.addProperty("hostname", place.hostName());
        payload.addProperty("agentname", place.agentName());
        payload.addProperty(
                "port", place.advertisedPort() == 0 ? listener.getAddress().getPort() : place.advertisedPort());
        return new Proof(
                "http_challenge",
                ByteString.copyFromUtf8(payload.toString()),
                challenge -> {
                    serve(listener, nonce(challenge));
                    return READY;
                },
                () -> listener.stop(0));
    }

    private HttpServer listen() throws IOException {
        try {
            var listener = HttpServer.create(new InetSocketAddress(place.port()), 0);
            listener.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            // one that was never started does not give its port back when it is stopped
            listener.start();
            return listener;
        } catch (IOException e) {
            throw new IOException(
                    "port " + place.port() + " of http_challenge cannot be listened on: " + e.getMessage(), e);
        }
    }

    private static String nonce(ByteString challenge) {
        if (Json.parse(challenge.toByteArray()) instanceof Json.Members members
                && members.text("nonce").isPresent()) {
            return members.text("nonce").get();
        }
        throw new IllegalArgumentException("the challenge has no nonce");
    }

    private void serve(HttpServer listener, String nonce) {
        var path = "/.well-known/spiffe/nodeattestor/http_challenge/" + place.agentName() + "/challenge";
        var body = (nonce + "\n").getBytes(StandardCharsets.UTF_8);
        listener.createContext("/", exchange -> {
            try (exchange) {
                if (path.equals(exchange.getRequestURI().getPath())) {
                    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                } else {
                    exchange.sendResponseHeaders(404, -1);
                }
            }
        });
    }
}
