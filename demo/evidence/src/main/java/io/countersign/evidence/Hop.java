// SPDX-License-Identifier: Apache-2.0
package io.countersign.evidence;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.countersign.spiffe.SpiffeId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One side's account of one connection. In JSON the link's and the sighting's fields stand beside the others.
 *
 * @param source where the account was read from, in words
 * @param latencyMs how long the question over this connection took, in milliseconds, if it was measured here
 * @param details what else that side says, by name
 * @param problem why the hop is not verified, or null if it is
 */
public record Hop(
        @JsonUnwrapped Link link,
        @JsonUnwrapped Sighting seen,
        String source,
        @Nullable Double latencyMs,
        Map<String, String> details,
        @Nullable String problem) {
    public Hop {
        details = Map.copyOf(details);
    }

    /** A connection that came about; to be judged. */
    public static Hop seen(Link link, Sighting seen, String source, @Nullable Double latencyMs) {
        return new Hop(link, seen, source, latencyMs, Map.of(), null);
    }

    /** A connection that did not come about. */
    public static Hop failed(Link link, String source, String problem) {
        return new Hop(link, Sighting.NONE, source, null, Map.of(), problem);
    }

    /** Reads what another program wrote; a field that is missing was not seen. */
    public static Hop read(JsonNode json) {
        var link = new Link(
                text(json, "hop").orElse("unnamed"),
                text(json, "from").orElse("unnamed"),
                text(json, "to").orElse("unnamed"),
                text(json, "seenBy").orElse("unnamed"),
                text(json, "peer").orElse("unnamed"));
        var seen = new Sighting(
                text(json, "peerSpiffeId").orElse(null),
                text(json, "localSpiffeId").orElse(null),
                text(json, "serial").orElse(null),
                text(json, "expiresAt").orElse(null),
                text(json, "tlsVersion").orElse(null),
                text(json, "cipher").orElse(null));
        var latency = json.path("latencyMs");
        var details = new TreeMap<String, String>();
        json.path("details").forEachEntry((name, value) -> details.put(name, value.asString("")));
        return new Hop(
                link,
                seen,
                text(json, "source").orElse("not said"),
                latency.isNumber() ? latency.doubleValue() : null,
                details,
                text(json, "problem").orElse(null));
    }

    @JsonProperty("verified")
    public boolean verified() {
        return problem == null;
    }

    public Hop withDetails(Map<String, String> more) {
        return new Hop(link, seen, source, latencyMs, more, problem);
    }

    /** The same hop with a verdict; one that has failed already stays as it is. */
    public Hop judged(SpiffeId expected, Instant now) {
        if (problem != null) {
            return this;
        }
        return new Hop(
                link, seen, source, latencyMs, details, gap(expected, now).orElse(null));
    }

    private Optional<String> gap(SpiffeId expected, Instant now) {
        var by = link.seenBy();
        var peer = seen.peerSpiffeId();
        if (peer == null) {
            return Optional.of(by + " reported no identity for " + link.peer());
        }
        if (!peer.equals(expected.toString())) {
            return Optional.of("%s saw \"%s\", expected \"%s\"".formatted(by, peer, expected));
        }
        if (seen.serial() == null || seen.tlsVersion() == null || seen.cipher() == null) {
            return Optional.of(by + " reported the identity, but not the certificate and the session it came from");
        }
        var end = seen.expiresAt();
        if (end == null) {
            return Optional.of(by + " reported no expiry for the certificate of " + link.peer());
        }
        return Instant.parse(end).isBefore(now)
                ? Optional.of("the certificate of %s expired at %s".formatted(link.peer(), end))
                : Optional.empty();
    }

    private static Optional<String> text(JsonNode json, String name) {
        var value = json.path(name);
        return value.isString() ? Optional.of(value.stringValue()) : Optional.empty();
    }
}
