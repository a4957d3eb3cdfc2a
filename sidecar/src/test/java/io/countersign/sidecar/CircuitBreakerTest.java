// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Limits of a cluster, reached by a program that does not answer before it is told to. Envoy 1.40 was seen to say the same. */
@Timeout(60)
class CircuitBreakerTest {
    @TempDir
    Path folder;

    private final CountDownLatch goOn = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();

    private final HttpHandler program = exchange -> {
        asked.incrementAndGet();
        awaitLeave(exchange);
    };

    private void awaitLeave(HttpExchange exchange) throws IOException {
        try {
            assertTrue(goOn.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Hop.reply(exchange, 200, new byte[0]);
    }

    private Sidecar limited(Hop hop, String limits) throws Exception {
        var log = AccessLines.field(folder.resolve("log"), "%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%");
        var file = PlainFile.of(
                "timeout: 30s",
                "circuit_breakers: {thresholds: [{" + limits + "}]}",
                hop.app.getAddress().getPort());
        return hop.start(
                file,
                text -> text.replaceFirst(
                        "( *)stat_prefix: out", "$1stat_prefix: out\n$1" + log.replace("\\", "\\\\")));
    }

    private CompletableFuture<HttpResponse<String>> ask(Hop hop, Sidecar sidecar) {
        return hop.client.sendAsync(hop.request(sidecar, "/").build(), BodyHandlers.ofString());
    }

    private static void awaitCount(Hop hop, Sidecar sidecar, String line) throws Exception {
        Hop.await(line, () -> {
            try {
                return hop.admin(sidecar, "/stats").contains(line + "\n");
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    private void assertTurnedAway(HttpResponse<String> answer) throws Exception {
        assertEquals(503, answer.statusCode());
        assertEquals("true", answer.headers().firstValue("x-envoy-overloaded").orElse(""));
        assertEquals("text/plain", answer.headers().firstValue("content-type").orElse(""));
        assertEquals(
                "upstream connect error or disconnect/reset before headers. reset reason: overflow", answer.body());
        var line = "503 UO upstream_reset_before_response_started{overflow}\n";
        Hop.await(line, () -> AccessLines.in(folder.resolve("log")).contains(line));
    }

    @Test
    void oneRequestMoreThanMayBeActiveIsTurnedAway() throws Exception {
        try (var hop = new Hop(folder, program)) {
            var sidecar = limited(hop, "max_requests: 1");
            var first = ask(hop, sidecar);
            Hop.await("the program is asked", () -> asked.get() == 1);

            assertTurnedAway(hop.get(sidecar, "/"));

            goOn.countDown();
            assertEquals(200, first.get(30, TimeUnit.SECONDS).statusCode());
            assertEquals(200, hop.get(sidecar, "/").statusCode());
            assertTrue(hop.admin(sidecar, "/stats").contains("cluster.app.upstream_rq_pending_overflow: 1\n"));
        }
    }

    @Test
    void requestsWaitForTheOnlyConnectionThereMayBe() throws Exception {
        try (var hop = new Hop(folder, program)) {
            var sidecar = limited(hop, "max_connections: 1");
            var first = ask(hop, sidecar);
            Hop.await("the program is asked", () -> asked.get() == 1);
            var second = ask(hop, sidecar);
            awaitCount(hop, sidecar, "cluster.app.upstream_cx_overflow: 1");

            assertEquals(1, asked.get());
            goOn.countDown();

            assertEquals(200, first.get(30, TimeUnit.SECONDS).statusCode());
            assertEquals(200, second.get(30, TimeUnit.SECONDS).statusCode());
            assertTrue(hop.admin(sidecar, "/stats").contains("cluster.app.upstream_cx_total: 1\n"));
        }
    }

    @Test
    void oneRequestMoreThanMayWaitIsTurnedAway() throws Exception {
        try (var hop = new Hop(folder, program)) {
            var sidecar = limited(hop, "max_connections: 1, max_pending_requests: 1");
            var first = ask(hop, sidecar);
            Hop.await("the program is asked", () -> asked.get() == 1);
            var second = ask(hop, sidecar);
            awaitCount(hop, sidecar, "cluster.app.upstream_cx_overflow: 1");

            assertTurnedAway(hop.get(sidecar, "/"));

            goOn.countDown();
            assertEquals(200, first.get(30, TimeUnit.SECONDS).statusCode());
            assertEquals(200, second.get(30, TimeUnit.SECONDS).statusCode());
        }
    }

    @Test
    void headerStaysAwayWhereTheFileWantsNoneOfItsKind() throws Exception {
        try (var hop = new Hop(folder, program)) {
            var file = PlainFile.of(
                            "timeout: 30s",
                            "circuit_breakers: {thresholds: [{max_requests: 0}]}",
                            hop.app.getAddress().getPort())
                    .replace("router.v3.Router}", "router.v3.Router, suppress_envoy_headers: true}");
            var answer = hop.get(hop.start(file, text -> text), "/");

            assertEquals(503, answer.statusCode());
            assertTrue(answer.headers().firstValue("x-envoy-overloaded").isEmpty());
        }
    }
}
