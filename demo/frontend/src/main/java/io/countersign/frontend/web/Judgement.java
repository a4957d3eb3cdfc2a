// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend.web;

import io.countersign.evidence.Hop;
import io.countersign.evidence.Json;
import io.countersign.evidence.Link;
import io.countersign.frontend.FrontendSettings.Identities;
import io.countersign.frontend.web.DemoResult.Outcome;
import io.countersign.spiffe.SpiffeId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Turns what was seen at each end of both connections into the two verdicts. A pattern has succeeded if both ends of
 * its connection saw the peer that they should; what the backend says of itself cannot make up for a missing sighting.
 */
final class Judgement {
    private static final Link SEEN_BY_SIDECAR =
            new Link(Link.FRONTEND_BACKEND, "frontend", "backend", "backend sidecar", "frontend");
    private static final Link SEEN_BY_POSTGRES =
            new Link(Link.BACKEND_DATABASE, "backend", "PostgreSQL", "PostgreSQL", "backend");
    private static final Link SEEN_BY_BACKEND =
            new Link(Link.BACKEND_DATABASE, "backend", "PostgreSQL", "backend", "PostgreSQL");
    private static final String BACKEND_SOURCE = "the backend's answer";

    private final Identities identities;
    private final Map<String, String> parts;
    private final Instant now;

    /** @param parts which program stands at each place */
    Judgement(Identities identities, Map<String, String> parts, Instant now) {
        this.identities = identities;
        this.parts = parts;
        this.now = now;
    }

    /**
     * @param outbound what the frontend's own sidecar saw
     * @param backend the backend's answer
     */
    DemoResult of(Hop outbound, JsonNode backend) {
        var reported = new ArrayList<Hop>();
        backend.path("evidence").forEach(hop -> reported.add(Hop.read(hop)));
        var first = outbound.judged(identities.backend(), now);
        var second = reported(reported, SEEN_BY_SIDECAR, identities.self());
        var third = reported(reported, SEEN_BY_POSTGRES, identities.backend());
        var fourth = reported(reported, SEEN_BY_BACKEND, identities.postgres());
        return new DemoResult(
                outcome(backend.path("frontend_to_backend"), "envoy-sds", List.of(first, second)),
                outcome(backend.path("backend_to_database"), "spiffe-helper", List.of(third, fourth)),
                orders(backend),
                backend.path("timestamp").asString(Json.time(now)),
                List.of(first, second, third, fourth),
                parts);
    }

    private Hop reported(List<Hop> reported, Link link, SpiffeId expected) {
        return reported.stream()
                .filter(hop -> hop.link().equals(link))
                .findFirst()
                .orElseGet(() ->
                        Hop.failed(link, BACKEND_SOURCE, "the backend does not say what " + link.seenBy() + " saw"))
                .judged(expected, now);
    }

    private static Outcome outcome(JsonNode claimed, String pattern, List<Hop> hops) {
        var said = claimed.path("message").asString("the backend says nothing of this connection");
        if (!claimed.path("success").asBoolean(false)) {
            return new Outcome(false, said, pattern);
        }
        Optional<Hop> failing = hops.stream().filter(hop -> !hop.verified()).findFirst();
        return failing.map(hop -> new Outcome(
                        false,
                        "%s → %s: %s".formatted(hop.link().from(), hop.link().to(), hop.problem()),
                        pattern))
                .orElseGet(() -> new Outcome(true, said, pattern));
    }

    private static List<JsonNode> orders(JsonNode backend) {
        var orders = new ArrayList<JsonNode>();
        backend.path("orders").forEach(orders::add);
        return orders;
    }
}
