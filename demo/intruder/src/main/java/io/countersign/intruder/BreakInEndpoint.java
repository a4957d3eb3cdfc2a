// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.countersign.launch.EventLog;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The HTTP port that has break-ins tried: {@code POST /break-in}, {@code POST /break-in/<kind>} and {@code GET /health}.
 * Not for pages in a browser. Each request runs on a virtual thread of its own.
 */
final class BreakInEndpoint implements AutoCloseable {
    private static final String BREAK_IN = "/break-in";

    private record Reply(int status, String type, String body) {
        static Reply text(int status, String text) {
            return new Reply(status, "text/plain; charset=utf-8", text + "\n");
        }

        static Reply json(Object json) {
            return new Reply(200, "application/json", json + "\n");
        }
    }

    private final BreakIn breakIn;
    private final OwnIdentity identity;
    private final EventLog log;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    /** Answers from now on. */
    BreakInEndpoint(InetSocketAddress address, BreakIn breakIn, OwnIdentity identity, EventLog log) throws IOException {
        this.breakIn = breakIn;
        this.identity = identity;
        this.log = log;
        server = HttpServer.create(address, 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var reply = reply(exchange);
            var body = reply.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", reply.type());
            exchange.sendResponseHeaders(reply.status(), body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private Reply reply(HttpExchange exchange) {
        try {
            var path = exchange.getRequestURI().getPath();
            if (path.equals("/health")) {
                return health();
            }
            if (!path.equals(BREAK_IN) && !path.startsWith(BREAK_IN + "/")) {
                return Reply.text(404, "\"" + path + "\" is nothing here, expected /break-in or /health");
            }
            if (!exchange.getRequestMethod().equals("POST")) {
                return Reply.text(405, "expected POST, not " + exchange.getRequestMethod());
            }
            // browsers add it to every POST, whatever page it comes from
            if (exchange.getRequestHeaders().containsKey("Origin")) {
                return Reply.text(403, "refused: the request comes from a page; ask the frontend at /api/break-in");
            }
            return path.equals(BREAK_IN) ? results(breakIn.all()) : one(path.substring(BREAK_IN.length() + 1));
        } catch (RuntimeException e) {
            log.error().setCause(e).log("Request failed");
            return Reply.text(500, "the attempt failed in the intruder itself: " + e);
        }
    }

    private Reply one(String kind) {
        return breakIn.one(kind)
                .map(result -> results(List.of(result)))
                .orElseGet(() ->
                        Reply.text(404, "\"" + kind + "\" is no kind of break-in, expected one of " + breakIn.kinds()));
    }

    private static Reply results(List<Result> results) {
        var json = new JsonArray();
        results.forEach(result -> json.add(result.json()));
        return Reply.json(json);
    }

    private Reply health() {
        var json = new JsonObject();
        json.addProperty("component", "intruder");
        json.addProperty("status", "healthy");
        json.addProperty(
                "identity",
                switch (identity.at(Instant.now())) {
                    case OwnIdentity.Identity own ->
                        own.context().defaultSvid().id().toString();
                    case OwnIdentity.Nothing nothing -> nothing.why();
                });
        return Reply.json(json);
    }

    /** Stops listening at once. */
    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
