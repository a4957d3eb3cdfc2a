// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Frontend's and backend's sidecar between a client and a program, with agents that speak SDS. */
@Timeout(60)
class MutualTlsHopTest {
    @TempDir
    Path folder;

    @Test
    void bothSidesLearnWhomTheySpeakTo() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            hop.agent("b", Hop.FRONTEND);
            var frontend = hop.frontend("b", hop.backend("a", text -> text), text -> text);

            var response = hop.client.send(
                    hop.request(frontend, "/orders?x=1")
                            .header("x-countersign-peer-id", "spiffe://example.org/forged")
                            .header("x-forwarded-client-cert", "URI=spiffe://example.org/forged")
                            .build(),
                    BodyHandlers.ofString());

            assertEquals(200, response.statusCode());
            var seen = response.body();
            assertTrue(seen.startsWith("GET /orders?x=1\n"), seen);
            assertTrue(seen.contains("x-countersign-peer-id: " + Hop.FRONTEND + "\n"), seen);
            assertTrue(seen.contains("x-countersign-local-id: " + Hop.BACKEND + "\n"), seen);
            assertTrue(seen.contains("x-countersign-tls-version: TLSv1.3\n"), seen);
            assertTrue(seen.matches("(?s).*\nx-countersign-tls-cipher: TLS_[A-Z0-9_]+\n.*"), seen);
            assertTrue(seen.matches("(?s).*\nx-countersign-peer-serial: [0-9a-f]+\n.*"), seen);
            assertTrue(seen.matches("(?s).*\nx-countersign-peer-expires: 2[0-9-]+T[0-9:.]+Z\n.*"), seen);
            assertTrue(seen.contains("x-forwarded-client-cert: By=" + Hop.BACKEND + ";Hash="), seen);
            assertTrue(seen.contains(";URI=" + Hop.FRONTEND + "\n"), seen);
            assertTrue(seen.contains("x-envoy-expected-rq-timeout-ms: 15000\n"), seen);
            assertFalse(seen.contains("forged"), seen);
            assertEquals(
                    Hop.BACKEND,
                    response.headers().firstValue("x-countersign-peer-id").orElseThrow());
            assertEquals(
                    Hop.FRONTEND,
                    response.headers().firstValue("x-countersign-local-id").orElseThrow());
            assertEquals("envoy", response.headers().firstValue("server").orElseThrow());
        }
    }

    @Test
    void newestVersionIsSpokenWhereTheFilesSayNothing() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            hop.agent("b", Hop.FRONTEND);
            var backend = hop.backend("a", MutualTlsHopTest::withoutVersions);
            var frontend = hop.frontend("b", backend, MutualTlsHopTest::withoutVersions);

            var seen = hop.get(frontend, "/").body();

            assertTrue(seen.contains("x-countersign-tls-version: TLSv1.3\n"), seen);
        }
    }

    private static String withoutVersions(String yaml) {
        var without = yaml.replaceAll("tls_params: .*", "");
        assertFalse(without.contains("protocol_version"), without);
        return without;
    }

    @Test
    void callerWithAnotherIdIsDenied() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            hop.agent("b", "spiffe://example.org/intruder");
            var backend = hop.backend("a", text -> text);
            var frontend = hop.frontend("b", backend, text -> text);

            var response = hop.get(frontend, "/");

            assertEquals(403, response.statusCode());
            assertEquals("RBAC: access denied", response.body());
            assertTrue(hop.admin(backend, "/stats").contains("http.inbound.rbac.denied: 1\n"));
            var log = folder.resolve("backend-envoy.yaml.log");
            Hop.await("log line", () -> read(log).contains("rbac_access_denied_matched_policy[none]"));
            assertTrue(read(log).contains("\"peer_id\":\"spiffe://example.org/intruder\""), read(log));
        }
    }

    @Test
    void serverWithAnotherIdIsNotSpokenTo() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", "spiffe://example.org/impostor");
            hop.agent("b", Hop.FRONTEND);
            var backend = hop.backend("a", text -> text);
            var frontend = hop.frontend("b", backend, text -> text);

            var response = hop.get(frontend, "/");

            assertEquals(503, response.statusCode());
            assertTrue(response.headers()
                    .firstValue("x-countersign-failure")
                    .orElseThrow()
                    .contains("SAN_match"));
            assertTrue(hop.admin(frontend, "/stats").contains("cluster.backend.ssl.fail_verify_san: 1\n"));
            assertFalse(hop.admin(backend, "/stats").contains("http.inbound.downstream_rq_total"));
        }
    }

    @Test
    void foreignAuthorityIsRefusedByBothSides() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            var foreign = hop.bareAgent("b");
            foreign.trust("example.org", hop.authority);
            foreign.identity(new TestAuthority().issue(Hop.FRONTEND));
            var backend = hop.backend("a", text -> text);
            var frontend = hop.frontend("b", backend, text -> text);

            assertEquals(503, hop.get(frontend, "/").statusCode());

            Hop.await("failed verification", () -> stats(hop, backend).contains("ssl.fail_verify_error: 1\n"));
        }
    }

    @Test
    void plainTextIsNotAnsweredWhereTlsIsSpoken() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            var backend = hop.backend("a", text -> text);

            assertThrows(IOException.class, () -> hop.get(backend, "/"));
        }
    }

    @Test
    void newIdentityServesNewConnectionsAndOldRequestsGoOn() throws Exception {
        var inside = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        try (var hop = new Hop(folder, exchange -> {
            if (exchange.getRequestURI().getPath().equals("/slow")) {
                inside.countDown();
                awaitQuietly(goOn);
            }
            Hop.echoHeaders(exchange);
        })) {
            hop.agent("a", Hop.BACKEND);
            var agent = hop.agent("b", Hop.FRONTEND);
            var frontend = hop.frontend("b", hop.backend("a", text -> text), text -> text);
            var slow = hop.client.sendAsync(hop.request(frontend, "/slow").build(), BodyHandlers.ofString());
            assertTrue(inside.await(20, TimeUnit.SECONDS));

            agent.identity(hop.authority.issue("spiffe://example.org/renamed"));
            Hop.await(
                    "new context",
                    () -> stats(hop, frontend)
                            .contains("cluster.backend.client_ssl_socket_factory.ssl_context_update_by_sds: 2\n"));
            var fresh = hop.get(frontend, "/fresh");
            goOn.countDown();

            assertEquals(403, fresh.statusCode());
            assertEquals(200, slow.get(20, TimeUnit.SECONDS).statusCode());
        }
    }

    @Test
    void badSecretIsRefusedWithReasonAndTheGoodOneKept() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            var agent = hop.agent("b", Hop.FRONTEND);
            var frontend = hop.frontend("b", hop.backend("a", text -> text), text -> text);

            var one = hop.authority.issue(Hop.FRONTEND);
            var other = hop.authority.issue(Hop.FRONTEND);
            agent.identity(new TestAuthority.Issued(one.certificate(), other.key()));

            Hop.await(
                    "refusal",
                    () -> agent.requests.stream()
                            .anyMatch(request -> request.getErrorDetail()
                                            .getMessage()
                                            .equals("private key does not belong to the certificate")
                                    && request.getVersionInfo().equals("1")));
            assertEquals(200, hop.get(frontend, "/").statusCode());
        }
    }

    @Test
    void startsWithoutAgentAndRecoversByItself() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            var frontend = hop.frontend(
                    "b",
                    hop.backend("a", text -> text),
                    // the anchor's other fields follow at the same depth
                    text -> text.replaceAll("(?m)^( +)resource_api_version: V3$", "$0\n$1initial_fetch_timeout: 0.1s"));
            assertEquals(503, hop.get(frontend, "/").statusCode());

            hop.agent("b", Hop.FRONTEND);

            Hop.await("recovery", () -> status(hop, frontend) == 200);
        }
    }

    @Test
    void listenerStaysClosedUntilSecretsCome() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var backend = hop.open(hop.backendFile("a"));
            var starting = Thread.ofVirtual().start(() -> {
                try {
                    backend.start();
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            Hop.await("admin", () -> adminReady(hop, backend).equals("INITIALIZING\n"));
            assertTrue(backend.address("inbound").isEmpty());

            hop.agent("a", Hop.BACKEND);

            assertTrue(starting.join(Duration.ofSeconds(30)));
            assertTrue(backend.address("inbound").isPresent());
            assertEquals("LIVE\n", adminReady(hop, backend));
        }
    }

    @Test
    void largeBodiesPassInBothDirections() throws Exception {
        try (var hop = new Hop(
                folder,
                exchange -> Hop.reply(exchange, 200, exchange.getRequestBody().readAllBytes()))) {
            hop.agent("a", Hop.BACKEND);
            hop.agent("b", Hop.FRONTEND);
            var frontend = hop.frontend("b", hop.backend("a", text -> text), text -> text);
            byte[] body = new byte[5_000_000];
            new Random(1).nextBytes(body);

            for (var publisher : new BodyPublisher[] {
                BodyPublishers.ofByteArray(body), BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))
            }) {
                var response = hop.client.send(
                        hop.request(frontend, "/").POST(publisher).build(), BodyHandlers.ofByteArray());
                assertEquals(200, response.statusCode());
                assertTrue(Arrays.equals(body, response.body()));
            }
        }
    }

    @Test
    void http2IsSpokenBetweenSidecarsWhenTheClusterSaysSo() throws Exception {
        try (var hop = new Hop(
                folder,
                exchange -> Hop.reply(exchange, 200, exchange.getRequestBody().readAllBytes()))) {
            hop.agent("a", Hop.BACKEND);
            hop.agent("b", Hop.FRONTEND);
            var backend = hop.backend("a", text -> text);
            var frontend = hop.frontend("b", backend, Hop::overHttp2);

            for (int i = 0; i < 3; i++) {
                var response = hop.client.send(
                        hop.request(frontend, "/")
                                .POST(BodyPublishers.ofString("hello".repeat(100_000)))
                                .build(),
                        BodyHandlers.ofString());
                assertEquals(200, response.statusCode());
                assertEquals("hello".repeat(100_000), response.body());
            }
            assertEquals(200, hop.get(frontend, "/").statusCode());
            assertTrue(stats(hop, frontend).contains("cluster.backend.upstream_cx_total: 1\n"));
        }
    }

    @Test
    void answerThatEndsWithTheConnectionArrivesWhole() throws Exception {
        try (var hop = new Hop(folder, exchange -> {
            exchange.getResponseHeaders().set("connection", "close");
            Hop.reply(exchange, 200, new byte[300_000]);
        })) {
            hop.agent("a", Hop.BACKEND);
            hop.agent("b", Hop.FRONTEND);
            var frontend = hop.frontend("b", hop.backend("a", text -> text), text -> text);

            for (int i = 0; i < 5; i++) {
                var response = hop.client.send(hop.request(frontend, "/").build(), BodyHandlers.ofByteArray());
                assertEquals(300_000, response.body().length);
            }
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            hop.agent("b", Hop.FRONTEND);
            var frontend = hop.frontend("b", hop.backend("a", text -> text), text -> text);
            int port = frontend.address("outbound").orElseThrow().getPort();
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(10_000);
                socket.getOutputStream()
                        .write(String.join(
                                        "\r\n",
                                        "GET /first HTTP/1.1",
                                        "Host: x",
                                        "",
                                        "GET /second HTTP/1.1",
                                        "Host: x",
                                        "Connection: close",
                                        "",
                                        "")
                                .getBytes(StandardCharsets.US_ASCII));
                var all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

                int first = all.indexOf("GET /first");
                assertTrue(first > 0 && all.indexOf("GET /second") > first, all);
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String stats(Hop hop, Sidecar sidecar) {
        try {
            return hop.admin(sidecar, "/stats");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static int status(Hop hop, Sidecar sidecar) {
        try {
            return hop.get(sidecar, "/").statusCode();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Nothing while the admin listener is not open yet. */
    private static String adminReady(Hop hop, Sidecar sidecar) {
        try {
            return hop.admin(sidecar, "/ready");
        } catch (Exception e) {
            return "";
        }
    }

    @Test
    void noRequestIsLostWhenConnectionsAreRenewed() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            hop.agent("b", Hop.FRONTEND);
            var shortLived = "max_connection_duration: 0.03s";
            var backend = hop.backend("a", text -> text.replace("max_connection_duration: 120s", shortLived));
            var frontend = hop.frontend("b", backend, text -> text);
            for (int i = 0; i < 500; i++) {
                var response = hop.client.send(hop.request(frontend, "/" + i).build(), BodyHandlers.ofString());
                assertEquals(200, response.statusCode(), response.body());
            }
        }
    }
}
