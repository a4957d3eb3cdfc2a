// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend.web;

import io.countersign.backend.BackendSettings;
import io.countersign.backend.database.Orders;
import io.countersign.backend.web.DemoAnswer.Outcome;
import io.countersign.evidence.Hop;
import io.countersign.evidence.Json;
import io.countersign.evidence.Link;
import io.countersign.evidence.SidecarHeaders;
import io.countersign.launch.EventLog;
import jakarta.servlet.http.HttpServletRequest;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One run of the demo: who called, as the sidecar saw it, and what the database gave, as both ends saw it. */
final class DemoRun {
    private static final Link SEEN_BY_SIDECAR =
            new Link(Link.FRONTEND_BACKEND, "frontend", "backend", "backend sidecar", "frontend");
    private static final String SIDECAR_SOURCE = "request headers of the backend's sidecar";
    private static final String ENVOY = "envoy-sds";
    private static final String HELPER = "spiffe-helper";

    private final BackendSettings settings;
    private final Orders orders;
    private final EventLog log;

    DemoRun(BackendSettings settings, Orders orders, EventLog log) {
        this.settings = settings;
        this.orders = orders;
        this.log = log;
    }

    DemoAnswer answer(HttpServletRequest request) {
        var now = Instant.now();
        var caller = caller(request).judged(settings.frontend(), now);
        var database = database(now);
        var evidence = new ArrayList<Hop>();
        evidence.add(caller);
        evidence.addAll(database.evidence());
        return new DemoAnswer(
                callerOutcome(caller), databaseOutcome(database), database.orders(), Json.time(now), evidence);
    }

    private static Hop caller(HttpServletRequest request) {
        var seen = SidecarHeaders.read(name -> Optional.ofNullable(request.getHeader(name)));
        var forwarded = Optional.ofNullable(request.getHeader("x-forwarded-client-cert"));
        return Hop.seen(SEEN_BY_SIDECAR, seen, SIDECAR_SOURCE, null)
                .withDetails(forwarded
                        .map(value -> Map.of("x-forwarded-client-cert", value))
                        .orElse(Map.of()));
    }

    private Orders.Answer database(Instant now) {
        try {
            var answer = orders.withEvidence();
            log.info()
                    .addKeyValue("count", answer.orders().size())
                    .addKeyValue("pattern", HELPER)
                    .log("Retrieved orders");
            var server = settings.database().server();
            return new Orders.Answer(
                    answer.orders(),
                    answer.evidence().stream()
                            .map(hop -> hop.judged(hop.link().peer().equals("backend") ? settings.self() : server, now))
                            .toList());
        } catch (SQLException e) {
            var failure = String.valueOf(e.getMessage());
            log.error().addKeyValue("error", failure).log("Failed to query orders");
            return new Orders.Answer(
                    List.of(),
                    List.of(
                            Hop.failed(Orders.SEEN_BY_POSTGRES, Orders.POSTGRES_SOURCE, failure),
                            Hop.failed(Orders.SEEN_BY_BACKEND, Orders.BACKEND_SOURCE, failure)));
        }
    }

    private Outcome callerOutcome(Hop caller) {
        var problem = caller.problem();
        if (problem != null) {
            return new Outcome(false, "Frontend not verified: " + problem, ENVOY);
        }
        log.info()
                .addKeyValue("pattern", ENVOY)
                .addKeyValue("event", "connection_success")
                .addKeyValue("spiffe_id", String.valueOf(caller.seen().localSpiffeId()))
                .addKeyValue("peer_spiffe_id", String.valueOf(caller.seen().peerSpiffeId()))
                .log("Frontend-to-backend connection validated by Envoy RBAC");
        return new Outcome(true, "Envoy validated frontend SPIFFE ID via SDS", ENVOY);
    }

    private Outcome databaseOutcome(Orders.Answer database) {
        for (var hop : database.evidence()) {
            var problem = hop.problem();
            if (problem != null) {
                log.error()
                        .addKeyValue("error", problem)
                        .addKeyValue("pattern", HELPER)
                        .log("Backend-to-database connection failed");
                return new Outcome(
                        false, "Failed to connect to PostgreSQL: failed to query orders: " + problem, HELPER);
            }
        }
        log.info()
                .addKeyValue("pattern", HELPER)
                .addKeyValue("event", "connection_success")
                .addKeyValue(
                        "spiffe_id",
                        String.valueOf(database.evidence().getFirst().seen().peerSpiffeId()))
                .addKeyValue(
                        "peer_spiffe_id",
                        String.valueOf(database.evidence().getLast().seen().peerSpiffeId()))
                .log("Backend-to-database connection successful with client certificate authentication");
        return new Outcome(true, "PostgreSQL verified backend SPIFFE ID from client certificate", HELPER);
    }
}
