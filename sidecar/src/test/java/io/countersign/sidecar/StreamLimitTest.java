// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** More requests at once than a program in HTTP/2 takes on one connection. */
@Timeout(60)
class StreamLimitTest {
    private static final String HTTP2 = "http2_protocol_options: {}";

    @TempDir
    Path folder;

    private static CompletableFuture<HttpResponse<String>> ask(Hop hop, Sidecar sidecar) {
        return hop.client.sendAsync(hop.request(sidecar, "/").build(), BodyHandlers.ofString());
    }

    private static void assertAnswered(CompletableFuture<HttpResponse<String>> request) throws Exception {
        assertEquals(200, request.get(30, TimeUnit.SECONDS).statusCode());
    }

    @Test
    void oneTooManyHasAConnectionOfItsOwn() throws Exception {
        try (var program = new Http2Program(1);
                var hop = new Hop(folder, Hop::echoHeaders)) {
            var sidecar = hop.start(PlainFile.of("timeout: 30s", HTTP2, program.port()), text -> text);
            var first = ask(hop, sidecar);
            Hop.await("the first request", () -> program.waiting() == 1);
            var second = ask(hop, sidecar);
            Hop.await("the second request", () -> program.waiting() == 2);

            program.answerAll();

            assertAnswered(first);
            assertAnswered(second);
            hop.awaitStat(sidecar, "cluster.app.upstream_cx_total: 2");
        }
    }

    @Test
    void oneTooManyWaitsWhereThereMayBeNoOther() throws Exception {
        try (var program = new Http2Program(1);
                var hop = new Hop(folder, Hop::echoHeaders)) {
            var limited = HTTP2 + "\n    circuit_breakers: {thresholds: [{max_connections: 1}]}";
            var sidecar = hop.start(PlainFile.of("timeout: 30s", limited, program.port()), text -> text);
            var first = ask(hop, sidecar);
            Hop.await("the first request", () -> program.waiting() == 1);
            var second = ask(hop, sidecar);
            hop.awaitStat(sidecar, "cluster.app.upstream_cx_overflow: 1");
            assertEquals(1, program.waiting());

            program.answerAll();

            assertAnswered(first);
            Hop.await("the second request", () -> program.waiting() == 1);
            program.answerAll();
            assertAnswered(second);
            hop.awaitStat(sidecar, "cluster.app.upstream_cx_total: 1");
        }
    }
}
