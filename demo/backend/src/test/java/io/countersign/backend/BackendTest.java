// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.evidence.Json;
import io.countersign.launch.env.Environment;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A running backend with a real PostgreSQL, both with certificates made here. */
class BackendTest {
    private static final String FRONTEND = "spiffe://example.org/ns/demo/sa/frontend";
    private static final String BACKEND = "spiffe://example.org/ns/demo/sa/backend";
    private static final String POSTGRES = "spiffe://example.org/ns/demo/sa/postgres";
    private static final String INTRUDER = "spiffe://example.org/ns/demo/sa/intruder";
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    static Path files;

    private static TestAuthority authority;
    private static RealPostgres postgres;
    private static HttpClient http;

    @BeforeAll
    static void startPostgres() throws Exception {
        authority = new TestAuthority();
        postgres = new RealPostgres(authority, BACKEND, POSTGRES);
        postgres.start();
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stopPostgres() throws Exception {
        http.close();
        postgres.close();
    }

    @BeforeEach
    void issueIdentity() throws Exception {
        authority.issue(BACKEND, HOUR, files);
    }

    @Test
    void ordersComeAsABareArrayNewestFirst() throws Exception {
        try (var backend = Backend.start(settings(POSTGRES))) {
            var answer = get(backend, "/api/orders");

            assertEquals(200, answer.statusCode());
            assertEquals(
                    "application/json",
                    answer.headers().firstValue("content-type").orElse(""));
            assertTrue(
                    answer.body()
                            .startsWith("[{\"id\":1,\"description\":\"Order for laptop and accessories\","
                                    + "\"status\":\"completed\",\"created_at\":\"2"),
                    answer.body());
            assertTrue(answer.body().endsWith("]\n"));
            assertEquals(
                    5,
                    Json.parse(answer.body().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                            .size());
        }
    }

    @Test
    void pathsAreExactAndMethodsAreNot() throws Exception {
        try (var backend = Backend.start(settings(POSTGRES))) {
            assertEquals(
                    "{\"component\":\"backend\",\"status\":\"healthy\"}\n",
                    get(backend, "/health").body());
            var posted = http.send(
                    request(backend, "/health")
                            .POST(HttpRequest.BodyPublishers.ofString("x"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals(200, posted.statusCode());
            var other = get(backend, "/health/");
            assertEquals(404, other.statusCode());
            assertEquals("404 page not found\n", other.body());
            assertEquals(
                    "nosniff",
                    other.headers().firstValue("x-content-type-options").orElse(""));
            assertEquals(
                    "text/plain;charset=utf-8",
                    other.headers().firstValue("content-type").orElse("").toLowerCase(java.util.Locale.ROOT));
        }
    }

    @Test
    void evidenceIsWhatBothEndsSaw() throws Exception {
        var own = authority.issue(BACKEND, HOUR, files);
        try (var backend = Backend.start(settings(POSTGRES))) {
            var answer = demo(backend, sidecarHeaders());

            assertTrue(answer.at("/frontend_to_backend/success").booleanValue(), answer::toString);
            assertTrue(answer.at("/backend_to_database/success").booleanValue(), answer::toString);
            assertEquals(5, answer.path("orders").size());
            assertEquals(FRONTEND, answer.at("/evidence/0/peerSpiffeId").stringValue());
            assertEquals("PostgreSQL", answer.at("/evidence/1/seenBy").stringValue());
            assertEquals(BACKEND, answer.at("/evidence/1/peerSpiffeId").stringValue());
            assertEquals(
                    own.getSerialNumber().toString(16),
                    answer.at("/evidence/1/serial").stringValue());
            assertEquals("TLSv1.3", answer.at("/evidence/1/tlsVersion").stringValue());
            assertEquals(
                    "demouser", answer.at("/evidence/1/details/session_user").stringValue());
            assertEquals(POSTGRES, answer.at("/evidence/2/peerSpiffeId").stringValue());
            assertEquals(BACKEND, answer.at("/evidence/2/localSpiffeId").stringValue());
        }
    }

    @Test
    void aCallerThatNoSidecarVouchesForIsNotVerified() throws Exception {
        try (var backend = Backend.start(settings(POSTGRES))) {
            var answer = demo(backend, Map.of());

            assertFalse(answer.at("/frontend_to_backend/success").booleanValue());
            assertEquals(
                    "Frontend not verified: backend sidecar reported no identity for frontend",
                    answer.at("/frontend_to_backend/message").stringValue());
            assertTrue(answer.at("/backend_to_database/success").booleanValue());
        }
    }

    @Test
    void aRenewedCertificateIsUsedAtOnce() throws Exception {
        try (var backend = Backend.start(settings(POSTGRES))) {
            var first = demo(backend, Map.of()).at("/evidence/1/serial").stringValue();
            var renewed = authority.issue(BACKEND, HOUR, files);

            var second = demo(backend, Map.of()).at("/evidence/1/serial").stringValue();

            assertFalse(first.equals(second));
            assertEquals(renewed.getSerialNumber().toString(16), second);
        }
    }

    @Test
    void postgresRefusesAnotherIdentityAtLogin() throws Exception {
        authority.issue(INTRUDER, HOUR, files);

        var failure = assertThrows(StartException.class, () -> Backend.start(settings(POSTGRES)));

        assertEquals(
                "FATAL: login as role \"demouser\" refused: it is not bound to SPIFFE ID \"" + INTRUDER + "\"",
                message(failure));
    }

    @Test
    void postgresRefusesAForeignAuthorityInTheHandshake() throws Exception {
        var foreign = new TestAuthority();
        foreign.issue(BACKEND, HOUR, files.resolve("foreign"));
        var variables = variables(POSTGRES);
        variables.put("SSL_CERT", files.resolve("foreign/svid.pem").toString());
        variables.put("SSL_KEY", files.resolve("foreign/svid_key.pem").toString());
        var settings = BackendSettings.read(new Environment(variables));

        assertThrows(StartException.class, () -> Backend.start(settings));

        // under TLS 1.3 the client may be told after it has begun to write, so the server's word counts
        postgres.awaitLog("Client certificate verification failed");
    }

    @Test
    void theBackendRefusesAServerOfAnotherIdentity() {
        var failure = assertThrows(StartException.class, () -> Backend.start(settings(FRONTEND)));

        assertEquals("the server is \"" + POSTGRES + "\", expected \"" + FRONTEND + "\"", message(failure));
    }

    @Test
    void noSessionOutlivesItsCertificate() throws Exception {
        authority.issue(BACKEND, Duration.ofSeconds(10), files);
        try (var backend = Backend.start(settings(POSTGRES))) {
            assertEquals(200, get(backend, "/health").statusCode());

            var end = Instant.now().plusSeconds(30);
            while (get(backend, "/health").statusCode() == 200) {
                assertTrue(Instant.now().isBefore(end), "the session goes on with an expired certificate");
            }
        }
    }

    @Test
    void aLostDatabaseIsSaidAndFoundAgain() throws Exception {
        try (var backend = Backend.start(settings(POSTGRES))) {
            postgres.stop();
            var answer = demo(backend, sidecarHeaders());
            assertEquals(503, get(backend, "/health").statusCode());
            postgres.start();

            assertTrue(answer.at("/frontend_to_backend/success").booleanValue());
            assertFalse(answer.at("/backend_to_database/success").booleanValue());
            assertTrue(answer.at("/backend_to_database/message").stringValue().contains("refused"), answer::toString);
            assertTrue(answer.path("orders").isMissingNode());
            assertEquals(200, get(backend, "/health").statusCode());
        }
    }

    private static String message(StartException failure) {
        assertTrue(failure.getCause() instanceof SQLException);
        return String.valueOf(failure.getCause().getMessage());
    }

    private static Map<String, String> sidecarHeaders() {
        return Map.of(
                "x-countersign-peer-id",
                FRONTEND,
                "x-countersign-peer-serial",
                "7f01",
                "x-countersign-peer-expires",
                Instant.now().plus(HOUR).toString(),
                "x-countersign-local-id",
                BACKEND,
                "x-countersign-tls-version",
                "TLSv1.3",
                "x-countersign-tls-cipher",
                "TLS_AES_128_GCM_SHA256");
    }

    private static BackendSettings settings(String server) throws Exception {
        return BackendSettings.read(new Environment(variables(server)));
    }

    private static Map<String, String> variables(String server) throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new TreeMap<>(Map.of(
                    "PORT", String.valueOf(socket.getLocalPort()),
                    "DB_HOST", "127.0.0.1",
                    "DB_PORT", String.valueOf(postgres.port),
                    "DB_NAME", "demo",
                    "DB_USER", "demouser",
                    "SSL_CERT", files.resolve("svid.pem").toString(),
                    "SSL_KEY", files.resolve("svid_key.pem").toString(),
                    "SSL_ROOT_CA", files.resolve("svid_bundle.pem").toString(),
                    "POSTGRES_SPIFFE_ID", server));
        }
    }

    private static JsonNode demo(Backend backend, Map<String, String> headers) throws Exception {
        var request = request(backend, "/api/demo");
        headers.forEach(request::header);
        var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(200, answer.statusCode());
        return Json.parse(answer.body());
    }

    private static HttpResponse<String> get(Backend backend, String path) throws Exception {
        return http.send(request(backend, path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(Backend backend, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + backend.port() + path));
    }
}
