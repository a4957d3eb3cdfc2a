// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** Stands where the sidecar or the intruder would: a real HTTP server that gives one answer until told another. */
final class TestUpstream implements AutoCloseable {
    static final String FRONTEND = "spiffe://example.org/ns/demo/sa/frontend";
    static final String BACKEND = "spiffe://example.org/ns/demo/sa/backend";
    static final String POSTGRES = "spiffe://example.org/ns/demo/sa/postgres";

    record Answer(int status, Map<String, String> headers, String body) {}

    private final HttpServer server;
    private volatile Answer answer = new Answer(503, Map.of(), "not set");
    private volatile String lastRequest = "";

    TestUpstream() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            lastRequest = "%s %s %s %s"
                    .formatted(
                            exchange.getRequestMethod(),
                            exchange.getRequestURI(),
                            exchange.getRequestHeaders().getFirst("User-Agent"),
                            exchange.getRequestHeaders().getFirst("X-Correlation-ID"));
            var current = answer;
            var bytes = current.body().getBytes(StandardCharsets.UTF_8);
            current.headers().forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(current.status(), bytes.length);
            try (var body = exchange.getResponseBody()) {
                body.write(bytes);
            }
        });
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    void answer(int status, Map<String, String> headers, String body) {
        answer = new Answer(status, headers, body);
    }

    String lastRequest() {
        return lastRequest;
    }

    /** The headers of a sidecar that saw the backend. */
    static Map<String, String> sidecarHeaders() {
        return new TreeMap<>(Map.of(
                "x-countersign-peer-id",
                BACKEND,
                "x-countersign-peer-serial",
                "5d0c1f4b7a92e8d36641b0a5",
                "x-countersign-peer-expires",
                Instant.now().plusSeconds(3010).toString(),
                "x-countersign-local-id",
                FRONTEND,
                "x-countersign-tls-version",
                "TLSv1.3",
                "x-countersign-tls-cipher",
                "TLS_AES_128_GCM_SHA256"));
    }

    /** What a backend answers for which everything is well. */
    static String demo() {
        return """
            {"frontend_to_backend":{"success":true,"message":"Envoy validated frontend SPIFFE ID via SDS","pattern":"envoy-sds"},
            "backend_to_database":{"success":true,"message":"PostgreSQL verified backend SPIFFE ID from client certificate","pattern":"spiffe-helper"},
            "orders":[
            {"id":1,"description":"Order for laptop and accessories","status":"completed","created_at":"2026-01-02T05:37:38.597607Z"},
            {"id":2,"description":"Bulk office supplies order","status":"pending","created_at":"2026-01-02T05:37:38.597607Z"},
            {"id":3,"description":"<img src=x onerror=document.title='broken'>","status":"shipped","created_at":"2026-01-02T05:37:38.597607Z"},
            {"id":4,"description":"Software license renewal","status":"completed","created_at":"2026-01-02T05:37:38.597607Z"},
            {"id":5,"description":"Conference room equipment","status":"processing","created_at":"2026-01-02T05:37:38.597607Z"}],
            "timestamp":"2026-01-02T05:43:34.85691567Z",
            "evidence":[%s,%s,%s]}""".formatted(
                        hop("frontend-backend", "frontend", "backend", "backend sidecar", "frontend", FRONTEND, 2950),
                        hop("backend-database", "backend", "PostgreSQL", "PostgreSQL", "backend", BACKEND, 1810),
                        hop("backend-database", "backend", "PostgreSQL", "backend", "PostgreSQL", POSTGRES, 45));
    }

    private static String hop(
            String hop, String from, String to, String seenBy, String peer, String peerId, long seconds) {
        return """
            {"hop":"%s","from":"%s","to":"%s","seenBy":"%s","peer":"%s","peerSpiffeId":"%s","serial":"62ac90f31b%d",
            "expiresAt":"%s","tlsVersion":"TLSv1.3","cipher":"TLS_AES_256_GCM_SHA384","source":"TLS session of this connection",
            "latencyMs":null,"details":{},"problem":null}""".formatted(
                hop, from, to, seenBy, peer, peerId, seconds, Instant.now().plusSeconds(seconds));
    }

    /** What the intruder reports when the gates hold, in the order given. */
    static String refusals() {
        return """
            [{"kind":"wrong-identity","attempted":true,"refused":true,"by":"the backend's sidecar, by RBAC","error":"HTTP 403: RBAC: access denied"},
            {"kind":"no-identity","attempted":true,"refused":true,"by":"the backend's sidecar, in the TLS handshake","error":"(certificate_required) Received fatal alert: certificate_required"},
            {"kind":"foreign-authority","attempted":true,"refused":true,"by":"the backend's sidecar, in the TLS handshake","error":"(certificate_unknown) Received fatal alert: certificate_unknown"},
            {"kind":"wrong-role","attempted":true,"refused":true,"by":"PostgreSQL, at login","error":"FATAL: login as role \\"demouser\\" refused: it is not bound to SPIFFE ID \\"spiffe://example.org/ns/demo/sa/intruder\\""}]
            """;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
