// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.evidence.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A running frontend over HTTP. */
class FrontendTest {
    private static TestFrontend frontend;
    private static HttpClient http;

    @BeforeAll
    static void start() throws Exception {
        frontend = new TestFrontend();
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        http.close();
        frontend.close();
    }

    @BeforeEach
    void allIsWell() {
        frontend.sidecar.answer(200, TestUpstream.sidecarHeaders(), TestUpstream.demo());
        frontend.intruder.answer(200, Map.of(), TestUpstream.refusals());
    }

    @Test
    void evidenceIsOrderedFromTheFrontendToTheDatabase() throws Exception {
        var result = demo();

        assertTrue(result.at("/frontend_to_backend/success").booleanValue(), result::toString);
        assertTrue(result.at("/backend_to_database/success").booleanValue(), result::toString);
        assertEquals(5, result.path("orders").size());
        assertEquals("2026-01-02T05:43:34.85691567Z", result.path("timestamp").stringValue());
        assertEquals("frontend sidecar", result.at("/evidence/0/seenBy").stringValue());
        assertEquals("5d0c1f4b7a92e8d36641b0a5", result.at("/evidence/0/serial").stringValue());
        assertEquals("backend sidecar", result.at("/evidence/1/seenBy").stringValue());
        assertEquals("PostgreSQL", result.at("/evidence/2/seenBy").stringValue());
        assertEquals("backend", result.at("/evidence/3/seenBy").stringValue());
        assertTrue(frontend.sidecar.lastRequest().startsWith("GET /api/demo frontend-demo-client demo-"));
    }

    @Test
    void aSilentSidecarTurnsPatternOneFalse() throws Exception {
        frontend.sidecar.answer(200, Map.of(), TestUpstream.demo());

        var result = demo();

        assertFalse(result.at("/frontend_to_backend/success").booleanValue());
        assertEquals(
                "frontend → backend: frontend sidecar reported no identity for backend",
                result.at("/frontend_to_backend/message").stringValue());
        assertTrue(result.at("/backend_to_database/success").booleanValue());
    }

    @Test
    void aBackendWithoutEvidenceIsNotBelieved() throws Exception {
        var bare = TestUpstream.demo().replaceFirst(",\\s*\"evidence\":\\[(?s:.*)\\]\\}$", "}");
        frontend.sidecar.answer(200, TestUpstream.sidecarHeaders(), bare);

        var result = demo();

        assertFalse(result.at("/frontend_to_backend/success").booleanValue());
        assertFalse(result.at("/backend_to_database/success").booleanValue());
        assertEquals(
                "the backend does not say what PostgreSQL saw",
                result.at("/evidence/2/problem").stringValue());
    }

    @Test
    void anUnexpectedDatabaseTurnsPatternTwoFalse() throws Exception {
        frontend.sidecar.answer(
                200,
                TestUpstream.sidecarHeaders(),
                TestUpstream.demo().replace(TestUpstream.POSTGRES, "spiffe://example.org/ns/demo/sa/other"));

        var result = demo();

        assertTrue(result.at("/frontend_to_backend/success").booleanValue());
        assertFalse(result.at("/backend_to_database/success").booleanValue());
    }

    @Test
    void aRefusalOfTheSidecarKeepsItsStatusAndItsWords() throws Exception {
        frontend.sidecar.answer(403, Map.of(), "RBAC: access denied");

        var answer = get("/api/demo");

        assertEquals(403, answer.statusCode());
        assertEquals("Backend error: RBAC: access denied\n", answer.body());
    }

    @Test
    void aMissingSidecarIsABadGateway() throws Exception {
        try (var alone = new TestFrontend()) {
            alone.sidecar.close();
            var answer = http.send(
                    HttpRequest.newBuilder(URI.create(alone.url() + "/api/demo"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertEquals(502, answer.statusCode());
            var address = alone.sidecar.url();
            assertEquals(
                    "Backend connection failed: Get \"%s/api/demo\": dial tcp %s: connect: connection refused\n"
                            .formatted(address, address.substring("http://".length())),
                    answer.body());
        }
    }

    @Test
    void thePageIsServedWithAPolicyAndRevalidated() throws Exception {
        var page = get("/");

        assertEquals(200, page.statusCode());
        assertTrue(page.body().contains("<title>SPIRE/SPIFFE Demo</title>"));
        assertTrue(
                page.headers().firstValue("content-security-policy").orElse("").startsWith("default-src 'none'"));
        var modified = page.headers().firstValue("last-modified").orElseThrow();
        var again = http.send(
                request("/").header("If-Modified-Since", modified).build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(304, again.statusCode());
        assertEquals(
                "text/css;charset=utf-8",
                get("/static/styles.css")
                        .headers()
                        .firstValue("content-type")
                        .orElse("")
                        .toLowerCase(java.util.Locale.ROOT));
        assertEquals(307, get("/static").statusCode());
        assertEquals(301, get("/static/index.html").statusCode());
        for (var path : new String[] {"/nothing", "/health/", "/static/nothing.js", "/static/..%2fsecret.txt"}) {
            var status = get(path).statusCode();
            assertTrue(status == 404 || status == 400, path + " gives " + status);
        }
        assertEquals("404 page not found\n", get("/nothing").body());
        assertEquals(
                "{\"component\":\"frontend\",\"status\":\"healthy\"}\n",
                get("/health").body());
    }

    @Test
    void onlyThePageItselfMayHaveABreakInTried() throws Exception {
        assertEquals(405, get("/api/break-in").statusCode());
        assertEquals(
                403, post("/api/break-in", "Origin", "http://elsewhere.example").statusCode());
        assertEquals(403, post("/api/break-in", "Sec-Fetch-Site", "cross-site").statusCode());

        var answer = post("/api/break-in/no-identity", "Origin", frontend.url());

        assertEquals(200, answer.statusCode());
        assertEquals(TestUpstream.refusals(), answer.body());
        assertTrue(frontend.intruder.lastRequest().startsWith("POST /break-in/no-identity "));
    }

    private static JsonNode demo() throws Exception {
        var answer = get("/api/demo");
        assertEquals(200, answer.statusCode(), answer.body());
        return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8));
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String header, String value) throws Exception {
        return http.send(
                request(path)
                        .header(header, value)
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(frontend.url() + path));
    }
}
