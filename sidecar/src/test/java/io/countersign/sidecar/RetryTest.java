// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests that are sent once more, through a backend's sidecar to a program that fails at first. */
@Timeout(60)
class RetryTest {
    @TempDir
    Path folder;

    /** Fails some times in a way of its own, then sends the body back. */
    private static HttpHandler failing(int times, AtomicInteger seen, HttpHandler failure) {
        return exchange -> {
            if (seen.getAndIncrement() < times) {
                failure.handle(exchange);
            } else {
                Hop.reply(exchange, 200, exchange.getRequestBody().readAllBytes());
            }
        };
    }

    private static void status503(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        Hop.reply(exchange, 503, "not now".getBytes(StandardCharsets.UTF_8));
    }

    private static void hangUp(HttpExchange exchange) {
        exchange.close();
    }

    private static String plain(Hop hop, String policy) {
        return PlainFile.of(
                "retry_policy: " + policy,
                "circuit_breakers: {thresholds: [{max_retries: 1}]}",
                hop.app.getAddress().getPort());
    }

    @Test
    void statusIsTriedAgainWithTheWholeBody() throws Exception {
        var seen = new AtomicInteger();
        try (var hop = new Hop(folder, failing(2, seen, RetryTest::status503))) {
            var sidecar = hop.start(plain(hop, "{retry_on: 5xx, num_retries: 2}"), text -> text);
            var body = "hello".repeat(20_000);
            for (var publisher : new BodyPublisher[] {
                BodyPublishers.ofString(body),
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)))
            }) {
                seen.set(0);
                var answer = hop.client.send(
                        hop.request(sidecar, "/").POST(publisher).build(), BodyHandlers.ofString());

                assertEquals(200, answer.statusCode());
                assertEquals(body, answer.body());
                assertEquals(3, seen.get());
            }
            var stats = hop.admin(sidecar, "/stats");
            assertTrue(stats.contains("cluster.app.upstream_rq_retry: 4\n"), stats);
            assertTrue(stats.contains("cluster.app.upstream_rq_retry_success: 2\n"), stats);
        }
    }

    @Test
    void lastFailureIsTheAnswerWhenTheTriesAreUsedUp() throws Exception {
        var seen = new AtomicInteger();
        try (var hop = new Hop(folder, failing(9, seen, RetryTest::status503))) {
            var sidecar = hop.start(plain(hop, "{retry_on: \"gateway-error,reset\"}"), text -> text);

            var answer = hop.get(sidecar, "/");

            assertEquals(503, answer.statusCode());
            assertEquals("not now", answer.body());
            assertEquals(2, seen.get());
            assertTrue(hop.admin(sidecar, "/stats").contains("cluster.app.upstream_rq_retry_limit_exceeded: 1\n"));
        }
    }

    @Test
    void onlyWhatThePolicyNamesIsTriedAgain() throws Exception {
        var seen = new AtomicInteger();
        try (var hop = new Hop(folder, failing(1, seen, RetryTest::status503))) {
            var sidecar = hop.start(plain(hop, "{retry_on: \"reset,connect-failure\"}"), text -> text);

            assertEquals(503, hop.get(sidecar, "/").statusCode());
            assertEquals(1, seen.get());
        }
    }

    @Test
    void lostConnectionIsTriedAgain() throws Exception {
        var seen = new AtomicInteger();
        try (var hop = new Hop(folder, failing(1, seen, RetryTest::hangUp))) {
            var sidecar = hop.start(plain(hop, "{retry_on: reset}"), text -> text);

            assertEquals(200, hop.get(sidecar, "/").statusCode());
            assertEquals(2, seen.get());
        }
    }

    @Test
    void bodyThatIsTooLongToKeepIsSentOnce() throws Exception {
        var seen = new AtomicInteger();
        try (var hop = new Hop(folder, failing(1, seen, RetryTest::status503))) {
            var sidecar = hop.start(plain(hop, "{retry_on: 5xx}"), text -> text);

            var answer = hop.client.send(
                    hop.request(sidecar, "/")
                            .POST(BodyPublishers.ofByteArray(new byte[2 << 20]))
                            .build(),
                    BodyHandlers.discarding());

            assertEquals(503, answer.statusCode());
            assertEquals(1, seen.get());
            assertTrue(hop.admin(sidecar, "/stats").contains("cluster.app.retry_or_shadow_abandoned: 1\n"));
        }
    }

    @Test
    void tryThatTakesTooLongIsFollowedByAnother() throws Exception {
        var seen = new AtomicInteger();
        var goOn = new CountDownLatch(1);
        try (var hop = new Hop(folder, failing(1, seen, exchange -> awaitQuietly(goOn)))) {
            var sidecar = hop.start(plain(hop, "{retry_on: reset, per_try_timeout: 4s}"), text -> text);

            var answer = hop.get(sidecar, "/");
            goOn.countDown();

            assertEquals(200, answer.statusCode());
            assertEquals(2, seen.get());
            assertTrue(hop.admin(sidecar, "/stats").contains("cluster.app.upstream_rq_per_try_timeout: 1\n"));
        }
    }

    @Test
    void lastTryThatTakesTooLongIsATimeout() throws Exception {
        var goOn = new CountDownLatch(1);
        try (var hop = new Hop(folder, exchange -> awaitQuietly(goOn))) {
            var sidecar = hop.start(plain(hop, "{retry_on: 5xx, per_try_timeout: 0.1s, num_retries: 1}"), text -> text);

            var answer = hop.get(sidecar, "/");
            goOn.countDown();

            assertEquals(504, answer.statusCode());
            assertEquals("upstream request timeout", answer.body());
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
