// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.countersign.agent.sync.Standing;
import io.countersign.launch.health.HealthListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a probe hears of an agent that serves, by HTTP. */
final class ReadinessTest {
    private static final Instant SINCE = Instant.parse("2026-03-01T10:20:30Z");
    private static final String WHY = "the server said \"no\"\nand went";

    private final AtomicReference<Standing> standing = new AtomicReference<>(new Standing.Synchronised());
    private HealthListener listener;

    /** What came back. */
    private record Heard(int status, String body) {
        JsonObject agent() {
            return JsonParser.parseString(body).getAsJsonObject().getAsJsonObject("agent");
        }
    }

    @BeforeEach
    void listen() throws IOException {
        listener = new HealthListener(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Map.of("/ready", () -> Readiness.of(standing.get())));
    }

    @AfterEach
    void close() {
        listener.close();
    }

    private Heard heard() throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + "/ready"))
                .build();
        try (var client = HttpClient.newHttpClient()) {
            var response = client.send(request, BodyHandlers.ofString());
            return new Heard(response.statusCode(), response.body());
        }
    }

    private static JsonObject told(String name) {
        var told = new JsonObject();
        told.addProperty(name, "2026-03-01T10:20:30Z");
        told.addProperty("why", WHY);
        return told;
    }

    @Test
    void whoHasWhatItAskedForIsReadyAndSaysNoMore() throws Exception {
        assertEquals(new Heard(200, "{\"agent\":{}}\n"), heard());
    }

    @Test
    void whoWaitsForTheServerIsReadyAndSaysSinceWhen() throws Exception {
        standing.set(new Standing.Waiting(SINCE, WHY));
        assertEquals(200, heard().status());
        assertEquals(told("waiting_since"), heard().agent());
    }

    @Test
    void whoIsStrandedIsNotReadyAndSaysSinceWhen() throws Exception {
        standing.set(new Standing.Stranded(SINCE, WHY));
        assertEquals(500, heard().status());
        assertEquals(told("stranded_since"), heard().agent());
    }

    @Test
    void probeHearsOfTheServerThatIsBack() throws Exception {
        standing.set(new Standing.Stranded(SINCE, WHY));
        assertEquals(500, heard().status());
        standing.set(new Standing.Synchronised());
        assertEquals(200, heard().status());
    }
}
