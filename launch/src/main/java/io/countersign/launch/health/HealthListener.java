// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.health;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Executors;

/** Answers each of its paths with 200, or a status that means unhealthy, and a small JSON text. Each request runs its check, on a virtual thread. */
public final class HealthListener implements AutoCloseable {
    /** What a check found; {@code json} is the body. */
    public record Answer(boolean healthy, String json) {}

    /** Says how the program is right now; may block for a short while. */
    @FunctionalInterface
    public interface Check {
        Answer run();
    }

    private final HttpServer server;

    /** As the other, with 500 for what is not healthy. */
    public HealthListener(InetSocketAddress address, Map<String, Check> checks) throws IOException {
        this(address, checks, 500);
    }

    /** @param unhealthy the HTTP status of a check that fails; the originals do not agree on one */
    public HealthListener(InetSocketAddress address, Map<String, Check> checks, int unhealthy) throws IOException {
        server = HttpServer.create(address, 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            var check = checks.get(exchange.getRequestURI().getPath());
            if (check == null) {
                answer(exchange, 404, "{}");
            } else {
                var answer = check.run();
                answer(exchange, answer.healthy() ? 200 : unhealthy, answer.json());
            }
        });
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        try (exchange) {
            var body = (json + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
