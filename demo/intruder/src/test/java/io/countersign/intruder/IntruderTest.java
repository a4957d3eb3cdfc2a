// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder;

import static io.countersign.intruder.TestAuthority.BACKEND;
import static io.countersign.intruder.TestAuthority.FRONTEND;
import static io.countersign.intruder.TestAuthority.INTRUDER;
import static io.countersign.intruder.TestAuthority.POSTGRES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.countersign.intruder.attempt.Target;
import io.countersign.launch.LogSettings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole program over its ports: an agent's socket, a sidecar, no database. */
@Timeout(60)
class IntruderTest {
    private static final List<String> KINDS =
            List.of("wrong-identity", "no-identity", "foreign-authority", "wrong-role");

    @TempDir
    Path folder;

    private final TestAuthority authority = new TestAuthority();
    private final HttpClient client = HttpClient.newHttpClient();
    private TestSidecar sidecar;
    private Intruder intruder;

    @BeforeEach
    void start() throws Exception {
        sidecar = TestSidecar.strict(authority, "TLSv1.3", TestSidecar.RBAC);
        int nobody;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        intruder = Intruder.start(new IntruderSettings(
                "127.0.0.1",
                0,
                "unix://" + folder.resolve("agent.sock"),
                sidecar.as(BACKEND),
                FRONTEND,
                new IntruderSettings.Login(new Target("127.0.0.1", nobody, POSTGRES), "demo", "demouser", BACKEND),
                Duration.ofSeconds(20),
                LogSettings.standard()));
    }

    @AfterEach
    void stop() throws Exception {
        intruder.close();
        sidecar.close();
        client.close();
    }

    @Test
    void allAttemptsAreReportedInOrder() throws Exception {
        try (var agent = agent()) {
            var results = results("/break-in");

            assertEquals(
                    KINDS,
                    results.asList().stream()
                            .map(result -> text(result, "kind"))
                            .toList());
            for (var result : results.asList().subList(0, 3)) {
                assertTrue(flag(result, "attempted"), result::toString);
                assertTrue(flag(result, "refused"), result::toString);
                assertTrue(text(result, "by").startsWith("the backend's sidecar (" + BACKEND + ")"), result::toString);
            }
            assertUntried(results.get(3));
            assertTrue(text(results.get(3), "error").contains("refused"), results::toString);
        }
    }

    @Test
    void oneAttemptIsReportedAlone() throws Exception {
        try (var agent = agent()) {
            var results = results("/break-in/wrong-identity");

            assertEquals(1, results.size());
            assertEquals("""
                    {"kind":"wrong-identity","attempted":true,"refused":true,\
                    "by":"the backend's sidecar (spiffe://example.org/ns/demo/sa/backend) as server \\"envoy\\", by RBAC",\
                    "error":"HTTP 403: RBAC: access denied"}""", results.get(0).toString());
        }
    }

    @Test
    void withoutAnAgentNothingCouldBeTried() throws Exception {
        var results = results("/break-in");

        assertEquals(4, results.size());
        for (var result : results) {
            assertUntried(result);
            assertTrue(text(result, "error").startsWith("no identity yet: "), result::toString);
        }
        assertEquals(List.of(), sidecar.requests());
        assertEquals(200, send("GET", "/health").statusCode());
    }

    @Test
    void otherRequestsAreTurnedAway() throws Exception {
        assertEquals(405, send("GET", "/break-in").statusCode());
        assertEquals(404, send("POST", "/break-ins").statusCode());
        var unknown = send("POST", "/break-in/by-force");
        assertEquals(404, unknown.statusCode());
        assertEquals("\"by-force\" is no kind of break-in, expected one of " + KINDS + "\n", unknown.body());
        assertEquals(
                403,
                send("POST", "/break-in", "Origin", "http://127.0.0.1:8080").statusCode());
    }

    /** Returns when the intruder has its identity, which it has gone on asking for. */
    private TestAgent agent() throws Exception {
        var agent = new TestAgent(folder.resolve("agent.sock"), authority, authority.issue(INTRUDER));
        var end = Instant.now().plusSeconds(20);
        while (!send("GET", "/health").body().contains("\"identity\":\"" + INTRUDER + "\"")) {
            assertTrue(Instant.now().isBefore(end), "no identity came");
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        return agent;
    }

    private JsonArray results(String path) throws Exception {
        var response = send("POST", path);
        assertEquals(200, response.statusCode(), response::body);
        return JsonParser.parseString(response.body()).getAsJsonArray();
    }

    private HttpResponse<String> send(String method, String path, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + intruder.port() + path))
                .method(method, BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static void assertUntried(JsonElement result) {
        assertFalse(flag(result, "attempted"), result::toString);
        assertFalse(flag(result, "refused"), result::toString);
        assertEquals("", text(result, "by"));
    }

    private static String text(JsonElement result, String name) {
        return result.getAsJsonObject().get(name).getAsString();
    }

    private static boolean flag(JsonElement result, String name) {
        return result.getAsJsonObject().get(name).getAsBoolean();
    }
}
