// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend.web;

import io.countersign.evidence.Hop;
import io.countersign.evidence.Json;
import io.countersign.evidence.Link;
import io.countersign.evidence.SidecarHeaders;
import io.countersign.frontend.FrontendSettings;
import io.countersign.launch.EventLog;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.springframework.http.ResponseEntity;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** One run of the demo: asks the backend through the sidecar and judges the evidence. Safe for any thread. */
final class DemoCall {
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);
    private static final Link SEEN_BY_SIDECAR =
            new Link(Link.FRONTEND_BACKEND, "frontend", "backend", "frontend sidecar", "backend");
    private static final String SOURCE = "response headers of the frontend's sidecar";
    private static final String PATTERN = "envoy-sds";

    private final FrontendSettings settings;
    private final Upstream upstream;
    private final EventLog log;
    private final URI uri;

    DemoCall(FrontendSettings settings, Upstream upstream, EventLog log) {
        this.settings = settings;
        this.upstream = upstream;
        this.log = log;
        this.uri = URI.create(settings.backend() + "/api/demo");
    }

    ResponseEntity<byte[]> run() {
        var start = Instant.now();
        var correlation = "demo-" + (start.getEpochSecond() * 1_000_000_000L + start.getNano());
        log.info()
                .addKeyValue("pattern", PATTERN)
                .addKeyValue("event", "connection_attempt")
                .addKeyValue("target", uri.toString())
                .addKeyValue("spiffe_id", settings.identities().self().toString())
                .log("Attempting connection");
        try {
            var request = HttpRequest.newBuilder(uri)
                    .timeout(ANSWER_WITHIN)
                    .header("User-Agent", "frontend-demo-client")
                    .header("X-Correlation-ID", correlation)
                    .build();
            long begin = System.nanoTime();
            var response = upstream.send(request);
            double millis = Math.round((System.nanoTime() - begin) / 1e4) / 100.0;
            return answered(response, millis, correlation);
        } catch (Upstream.UnreachableException e) {
            failed(String.valueOf(e.getMessage()));
            return Answers.text(502, "Backend connection failed: " + e.getMessage());
        }
    }

    private ResponseEntity<byte[]> answered(HttpResponse<byte[]> response, double millis, String correlation) {
        int status = response.statusCode();
        if (status != 200) {
            log.error()
                    .addKeyValue("status_code", status)
                    .addKeyValue("pattern", PATTERN)
                    .addKeyValue("correlation_id", correlation)
                    .log("Backend returned error");
            return Answers.text(status, "Backend error: " + new String(response.body(), StandardCharsets.UTF_8));
        }
        JsonNode backend;
        try {
            backend = Json.parse(response.body());
        } catch (JacksonException e) {
            log.error().addKeyValue("error", e.getMessage()).log("Failed to parse backend response");
            return Answers.text(500, "Failed to parse backend response");
        }
        var seen = SidecarHeaders.read(name -> response.headers().firstValue(name));
        var outbound = Hop.seen(SEEN_BY_SIDECAR, seen, SOURCE, millis);
        var result = new Judgement(settings.identities(), settings.parts(), Instant.now()).of(outbound, backend);
        report(result, correlation);
        return Answers.json(Json.line(result));
    }

    private void report(DemoResult result, String correlation) {
        if (!result.frontendToBackend().success()) {
            failed(result.frontendToBackend().message());
        } else {
            var seen = result.evidence().getFirst().seen();
            log.info()
                    .addKeyValue("pattern", PATTERN)
                    .addKeyValue("event", "connection_success")
                    .addKeyValue("target", uri.toString())
                    .addKeyValue("spiffe_id", String.valueOf(seen.localSpiffeId()))
                    .addKeyValue("peer_spiffe_id", String.valueOf(seen.peerSpiffeId()))
                    .log("Connection successful");
        }
        if (result.frontendToBackend().success() && result.backendToDatabase().success()) {
            log.info()
                    .addKeyValue("pattern", PATTERN)
                    .addKeyValue("correlation_id", correlation)
                    .addKeyValue("orders_count", result.orders().size())
                    .log("Demo flow completed successfully");
        }
    }

    private void failed(String error) {
        log.error()
                .addKeyValue("pattern", PATTERN)
                .addKeyValue("event", "connection_failure")
                .addKeyValue("target", uri.toString())
                .addKeyValue("spiffe_id", settings.identities().self().toString())
                .addKeyValue("error", error)
                .log("Connection failed");
    }
}
