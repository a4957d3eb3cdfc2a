// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The admin listener of a sidecar that has its secrets. */
@Timeout(60)
class AdminTest {
    @TempDir
    static Path folder;

    private Hop hop;
    private TestAgent agent;
    private Sidecar sidecar;

    @BeforeEach
    void start() throws Exception {
        hop = new Hop(folder, Hop::echoHeaders);
        agent = hop.agent("a", Hop.BACKEND);
        sidecar = hop.backend("a", text -> text);
    }

    @AfterEach
    void stop() {
        hop.close();
    }

    @Test
    void readyFollowsTheHealthThatWasSet() throws Exception {
        assertEquals("LIVE\n", get("/ready").body());

        post("/healthcheck/fail");
        assertEquals(503, get("/ready").statusCode());

        post("/healthcheck/ok");
        assertEquals(200, get("/ready").statusCode());
    }

    @Test
    void certsNameOwnIdentityAndAuthority() throws Exception {
        var certs = get("/certs").body();

        assertTrue(certs.contains("\"uri\":\"" + Hop.BACKEND + "\""), certs);
        assertTrue(certs.contains("example.org: <inline>"), certs);
        assertTrue(certs.contains("expiration_time"), certs);
    }

    @Test
    void dumpShowsSecretsWithoutTheKey() throws Exception {
        var dump = get("/config_dump").body();

        assertTrue(dump.contains("dynamic_active_secrets"), dump);
        assertTrue(dump.contains("BEGIN CERTIFICATE"), dump);
        assertTrue(dump.contains("W3JlZGFjdGVkXQ=="), dump);
        assertFalse(dump.contains("PRIVATE KEY"), dump);
    }

    @Test
    void clustersAndStatsAreInEnvoysShape() throws Exception {
        int port = hop.app.getAddress().getPort();
        assertTrue(get("/clusters").body().contains("backend::127.0.0.1:" + port + "::health_flags::healthy\n"));

        assertTrue(get("/stats").body().contains("server.live: 1\n"));
        assertTrue(get("/stats/prometheus").body().contains("envoy_server_live"));
        assertEquals("server.live: 1\n", get("/stats?filter=^server.live$").body());
    }

    @Test
    void changesWantPost() throws Exception {
        assertEquals(405, get("/quitquitquit").statusCode());
        assertEquals(404, get("/nowhere").statusCode());
    }

    @Test
    void quitEndsTheWaitAndClosesEverything() throws Exception {
        int inbound = sidecar.address("inbound").orElseThrow().getPort();
        var waiting = Thread.ofVirtual().start(() -> {
            try {
                hop.stopping.await(sidecar);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });

        assertEquals("OK\n", post("/quitquitquit").body());

        waiting.join();
        assertTrue(refused(inbound));
    }

    @Test
    void readinessOfTheIdentityNamesEachSecret() throws Exception {
        var ready = get("/ready/identity");

        assertEquals(200, ready.statusCode());
        assertTrue(ready.body().startsWith("LIVE\n"), ready.body());
        assertTrue(ready.body().contains("default: valid until 2"), ready.body());
        assertTrue(ready.body().contains("ROOTCA: there\n"), ready.body());
    }

    @Test
    void identityThatHasRunOutIsNotReady() throws Exception {
        var yesterday = Instant.now().minus(Duration.ofDays(1));
        agent.identity(hop.authority.issue(Hop.BACKEND, yesterday));

        Hop.await("the expired identity", () -> body("/ready/identity").contains("default: expired at 2"));

        assertEquals(503, get("/ready/identity").statusCode());
        assertEquals(200, get("/ready").statusCode());
    }

    @Test
    void whoWasRefusedIsSaidWithWhoWouldHaveBeenLetIn() throws Exception {
        hop.agent("b", "spiffe://example.org/stranger");
        var demanding = hop.start(
                hop.backendFile("a"),
                text -> text.replace("prefix: \"spiffe://example.org/\"", "exact: \"" + Hop.FRONTEND + "\""));
        var stranger = hop.frontend("b", demanding, text -> text);

        assertEquals(503, hop.get(stranger, "/").statusCode());

        var refused = hop.admin(demanding, "/refused_peers");
        assertTrue(refused.contains("\"shown\":[\"spiffe://example.org/stranger\"]"), refused);
        assertTrue(refused.contains("\"allowed\":[\"" + Hop.FRONTEND + "\"]"), refused);
        assertTrue(refused.contains("\"reason\":\"verify cert failed: SAN match\""), refused);
        assertTrue(refused.contains("\"times\":1"), refused);
    }

    private static boolean refused(int port) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return false;
        } catch (ConnectException e) {
            return true;
        }
    }

    private HttpResponse<String> get(String path) throws Exception {
        return hop.client.send(admin(path).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path) throws Exception {
        return hop.client.send(
                admin(path).POST(HttpRequest.BodyPublishers.noBody()).build(), BodyHandlers.ofString());
    }

    private String body(String path) {
        try {
            return get(path).body();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private HttpRequest.Builder admin(String path) {
        int port = sidecar.adminAddress().orElseThrow().getPort();
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + port + path.replace("^", "%5E").replace("$", "%24")));
    }
}
