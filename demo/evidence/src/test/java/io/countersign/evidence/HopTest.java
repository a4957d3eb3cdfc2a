// SPDX-License-Identifier: Apache-2.0
package io.countersign.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.spiffe.SpiffeId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HopTest {
    private static final SpiffeId BACKEND = SpiffeId.parse("spiffe://example.org/ns/demo/sa/backend");
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final Link LINK =
            new Link(Link.FRONTEND_BACKEND, "frontend", "backend", "frontend sidecar", "backend");

    private final Map<String, String> headers = new TreeMap<>(Map.of(
            "x-countersign-peer-id", BACKEND.toString(),
            "x-countersign-peer-serial", "00ab12",
            "x-countersign-peer-expires", "2026-01-01T12:30:00.000Z",
            "x-countersign-tls-version", "TLSv1.3",
            "x-countersign-tls-cipher", "TLS_AES_128_GCM_SHA256"));

    private Hop hop() {
        var seen = SidecarHeaders.read(name -> Optional.ofNullable(headers.get(name)));
        return Hop.seen(LINK, seen, "headers", 1.5).judged(BACKEND, NOW);
    }

    @Test
    void aCompleteSightingOfTheExpectedPeerIsVerified() {
        assertNull(hop().problem());
        assertEquals("ab12", hop().seen().serial());
        assertEquals("2026-01-01T12:30:00Z", hop().seen().expiresAt());
    }

    @Test
    void anyMissingHeaderUnverifiesTheHop() {
        for (var name : headers.keySet().toArray(String[]::new)) {
            var value = headers.remove(name);
            assertFalse(hop().verified(), name);
            headers.put(name, "-");
            assertFalse(hop().verified(), name);
            headers.put(name, value);
        }
        assertTrue(hop().verified());
    }

    @Test
    void anotherPeerIsNamedBesideTheExpectedOne() {
        headers.put("x-countersign-peer-id", "spiffe://example.org/other");

        assertEquals(
                "frontend sidecar saw \"spiffe://example.org/other\", expected \"" + BACKEND + "\"", hop().problem());
    }

    @Test
    void anExpiredCertificateUnverifiesTheHop() {
        headers.put("x-countersign-peer-expires", "2026-01-01T11:59:59Z");

        assertEquals("the certificate of backend expired at 2026-01-01T11:59:59Z", hop().problem());
    }

    @Test
    void aHopSurvivesItsJson() {
        var hop = hop().withDetails(Map.of("client_dn", "/C=US/O=SPIRE"));

        assertEquals(hop, Hop.read(Json.parse(Json.line(hop))));
    }

    @Test
    void timesAreWrittenWithoutTrailingZeros() {
        assertEquals("2026-01-01T12:00:00Z", Json.time(NOW));
        assertEquals("2026-01-01T12:00:00.00125Z", Json.time(NOW.plusNanos(1_250_000)));
    }
}
