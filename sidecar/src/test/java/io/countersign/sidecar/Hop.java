// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.countersign.launch.Closing;
import io.countersign.launch.Stopping;
import io.countersign.sidecar.bootstrap.Bootstrap;
import io.countersign.sidecar.bootstrap.BootstrapFile;
import io.countersign.sidecar.bootstrap.BootstrapFile.NodeOverride;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** The pair of sidecars that the demo runs, with agents, and a backend behind it. Real sockets throughout. */
final class Hop implements AutoCloseable {
    static final String FRONTEND = "spiffe://example.org/frontend";
    static final String BACKEND = "spiffe://example.org/backend";
    private static final Path TEMPLATES = Path.of("../demo/stack/src/main/resources/io/countersign/stack");

    final Path folder;
    final TestAuthority authority = new TestAuthority();
    final HttpServer app;
    final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    /** Of the sidecar that was opened last. */
    Stopping stopping = new Stopping();

    /** How long those that are opened from now on give to what is under way. */
    int drainSeconds = 2;

    private final Closing closing = new Closing();

    Hop(Path folder, HttpHandler handler) throws IOException {
        this.folder = folder;
        app = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        app.createContext("/", handler);
        app.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        app.start();
        closing.add(() -> app.stop(0));
        closing.add(client);
    }

    /** An agent that serves an identity of the test's authority and trusts it. */
    TestAgent agent(String name, String id) throws IOException {
        var agent = bareAgent(name);
        agent.trust("example.org", authority);
        agent.identity(authority.issue(id));
        return agent;
    }

    TestAgent bareAgent(String name) throws IOException {
        return closing.add(new TestAgent(folder.resolve(name + ".sock")));
    }

    /** Waits until the sidecar is started. */
    Sidecar backend(String agent, UnaryOperator<String> change) throws Exception {
        return start(backendFile(agent), change);
    }

    String backendFile(String agent) throws IOException {
        return fill("backend-envoy.yaml", agent, app.getAddress().getPort())
                .replace("@ALLOWED_ID@", FRONTEND)
                .replace("@TRUST_DOMAIN@", "example.org");
    }

    Sidecar frontend(String agent, Sidecar backend, UnaryOperator<String> change) throws Exception {
        int port = backend.address("inbound").orElseThrow().getPort();
        return start(fill("frontend-envoy.yaml", agent, port).replace("@EXPECTED_ID@", BACKEND), change);
    }

    /** A frontend's file whose cluster is spoken to in HTTP/2. */
    static String overHttp2(String yaml) {
        var http1 = "explicit_http_config: { http_protocol_options: {} }";
        if (!yaml.contains(http1)) {
            throw new IllegalArgumentException("the file does not say \"" + http1 + "\" any more");
        }
        return yaml.replace(http1, "explicit_http_config: { http2_protocol_options: {} }");
    }

    private String fill(String template, String agent, int upstream) throws IOException {
        return Files.readString(TEMPLATES.resolve(template))
                .replace("@AGENT_SOCKET@", folder.resolve(agent + ".sock").toString())
                .replace("@ADMIN_PORT@", "0")
                .replace("@LISTEN_PORT@", "0")
                .replace("@CONNECTION_LIFE@", "120")
                .replace("@IDLE_LIFE@", "60")
                .replace("@UPSTREAM_HOST@", "127.0.0.1")
                // a handshake on a machine that stalls
                .replace("type: STRICT_DNS", "type: STRICT_DNS\n      connect_timeout: 20s")
                .replace("@UPSTREAM_PORT@", String.valueOf(upstream))
                .replace("@ACCESS_LOG@", folder.resolve(template + ".log").toString());
    }

    Sidecar start(String yaml, UnaryOperator<String> change) throws Exception {
        var sidecar = open(change.apply(yaml));
        sidecar.start();
        return sidecar;
    }

    /** Not started yet. */
    Sidecar open(String yaml) throws IOException {
        return open(BootstrapFile.parse(yaml, "test.yaml", NodeOverride.NONE));
    }

    /** As the other, from what no file may say. */
    Sidecar open(Bootstrap bootstrap) throws IOException {
        var options = Options.parse(List.of(
                "-c",
                "test.yaml",
                "--concurrency=1",
                "--file-flush-interval-msec=20",
                "--drain-time-s=" + drainSeconds));
        stopping = new Stopping();
        return closing.add(new Sidecar(options, Path.of("test.yaml"), bootstrap, stopping));
    }

    HttpResponse<String> get(Sidecar sidecar, String path) throws Exception {
        return client.send(request(sidecar, path).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpRequest.Builder request(Sidecar sidecar, String path) {
        var address =
                sidecar.address("outbound").or(() -> sidecar.address("inbound")).orElseThrow();
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path))
                .timeout(Duration.ofSeconds(20));
    }

    String admin(Sidecar sidecar, String path) throws Exception {
        var address = sidecar.adminAddress().orElseThrow();
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    /** Waits until it is a line of {@code /stats}. */
    void awaitStat(Sidecar sidecar, String line) throws InterruptedException {
        await(line, () -> {
            try {
                return admin(sidecar, "/stats").contains(line + "\n");
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain for: " + what);
            }
            Thread.onSpinWait();
        }
    }

    static void reply(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    /** Sends back what came as {@code name: value} lines. */
    static void echoHeaders(HttpExchange exchange) throws IOException {
        var lines = new StringBuilder(exchange.getRequestMethod() + " " + exchange.getRequestURI() + "\n");
        for (Map.Entry<String, List<String>> header :
                exchange.getRequestHeaders().entrySet()) {
            header.getValue()
                    .forEach(value -> lines.append(header.getKey().toLowerCase(Locale.ROOT))
                            .append(": ")
                            .append(value)
                            .append('\n'));
        }
        exchange.getRequestBody().readAllBytes();
        reply(exchange, 200, lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        closing.close();
    }
}
