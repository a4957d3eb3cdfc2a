// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the connection between two sidecars when the certificates with which it was opened run out. */
@Timeout(60)
class ExpiryTest {
    private static final Duration LIFE = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    /** A frontend whose certificate lives a few seconds, with one request made. */
    private record Passing(Sidecar frontend, TestAgent agent, Instant until) {
        /** @param setting what is added to the node of both files */
        static Passing start(Hop hop, String setting) throws Exception {
            return start(hop, setting, text -> text);
        }

        /** @param change of the frontend's file beside */
        static Passing start(Hop hop, String setting, UnaryOperator<String> change) throws Exception {
            hop.agent("a", Hop.BACKEND);
            var backend =
                    hop.backend("a", text -> text.replace("cluster: countersign", "cluster: countersign" + setting));
            var agent = hop.bareAgent("b");
            agent.trust("example.org", hop.authority);
            var until = Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(LIFE);
            agent.identity(hop.authority.issue(Hop.FRONTEND, until.minus(LIFE), LIFE));
            var frontend = hop.frontend(
                    "b",
                    backend,
                    text -> change.apply(text).replace("cluster: countersign", "cluster: countersign" + setting));
            assertEquals(200, hop.get(frontend, "/").statusCode());
            return new Passing(frontend, agent, until);
        }
    }

    @Test
    void idleConnectionIsGoneWithItsCertificate() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var made = Passing.start(hop, "");

            // idle connections are given up after a minute only
            Hop.await("the end of the connection", () -> active(hop, made.frontend()) == 0);

            Hop.await("expiry", () -> Instant.now().isAfter(made.until()));
            assertEquals(503, hop.get(made.frontend(), "/").statusCode());
        }
    }

    @Test
    void requestsGoOnOverNewConnectionsWithoutAFailure() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var made = Passing.start(hop, "");
            made.agent().identity(hop.authority.issue(Hop.FRONTEND));

            while (Instant.now().isBefore(made.until().plusSeconds(1))) {
                assertEquals(200, hop.get(made.frontend(), "/").statusCode());
            }

            assertNotEquals(1, total(hop, made.frontend()));
        }
    }

    @Test
    void openHttp2StreamOutlivesTheUseOfItsConnection() throws Exception {
        var answer = new CountDownLatch(1);
        try (var hop = new Hop(folder, exchange -> {
            if (exchange.getRequestURI().getPath().equals("/later")) {
                await(answer);
            }
            Hop.echoHeaders(exchange);
        })) {
            var made = Passing.start(hop, "", Hop::overHttp2);
            made.agent().identity(hop.authority.issue(Hop.FRONTEND));
            var later =
                    hop.client.sendAsync(hop.request(made.frontend(), "/later").build(), BodyHandlers.ofString());

            while (total(hop, made.frontend()) == 1) {
                assertEquals(200, hop.get(made.frontend(), "/").statusCode());
            }

            answer.countDown();
            assertEquals(200, later.join().statusCode());
        }
    }

    @Test
    void answerOverHttp1IsCompletedAfterTheEnd() throws Exception {
        var asked = new CountDownLatch(1);
        var answer = new CountDownLatch(1);
        try (var hop = new Hop(folder, exchange -> {
            if (exchange.getRequestURI().getPath().equals("/later")) {
                asked.countDown();
                await(answer);
            }
            Hop.echoHeaders(exchange);
        })) {
            var made = Passing.start(hop, "");
            var later =
                    hop.client.sendAsync(hop.request(made.frontend(), "/later").build(), BodyHandlers.ofString());
            asked.await();

            Hop.await("expiry", () -> Instant.now().isAfter(made.until().plusMillis(500)));
            answer.countDown();

            assertEquals(200, later.join().statusCode());
            Hop.await("the end of the connection", () -> active(hop, made.frontend()) == 0);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void connectionGoesOnWhereTheFileSaysSo() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var made = Passing.start(hop, "\n  metadata: {countersign: {close_at_expiry: false}}");

            Hop.await("expiry", () -> Instant.now().isAfter(made.until().plusMillis(500)));

            assertEquals(200, hop.get(made.frontend(), "/").statusCode());
            assertEquals(1, total(hop, made.frontend()));
        }
    }

    private static long active(Hop hop, Sidecar sidecar) {
        return stat(hop, sidecar, "cluster.backend.upstream_cx_active");
    }

    private static long total(Hop hop, Sidecar sidecar) {
        return stat(hop, sidecar, "cluster.backend.upstream_cx_total");
    }

    private static long stat(Hop hop, Sidecar sidecar, String name) {
        try {
            return hop.admin(sidecar, "/stats")
                    .lines()
                    .filter(line -> line.startsWith(name + ": "))
                    .mapToLong(line -> Long.parseLong(line.substring(name.length() + 2)))
                    .findFirst()
                    .orElse(0);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
