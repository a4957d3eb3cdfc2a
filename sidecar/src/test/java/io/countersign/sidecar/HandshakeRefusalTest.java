// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a client learns from the alert when a sidecar does not take its certificate. */
@Timeout(60)
class HandshakeRefusalTest {
    @TempDir
    Path folder;

    /** @param shown what the client shows to a sidecar that trusts that authority */
    record Refusal(
            String name, Function<TestAuthority, Optional<TestAuthority.Issued>> shown, String alert, String count) {
        @Override
        public String toString() {
            return name;
        }
    }

    // Envoy's SPIFFE validator has one alert for all that it does not take
    static Stream<Refusal> refusals() {
        var past = Instant.now().minus(Duration.ofDays(1));
        var future = Instant.now().plus(Duration.ofDays(1));
        return Stream.of(
                of(
                        "a foreign authority",
                        any -> new TestAuthority().issue(Hop.FRONTEND),
                        "certificate_unknown",
                        "error"),
                of("an end in the past", own -> own.issue(Hop.FRONTEND, past), "certificate_unknown", "error"),
                of("a beginning to come", own -> own.issue(Hop.FRONTEND, future), "certificate_unknown", "error"),
                of("a name not allowed", own -> own.issue(Hop.BACKEND), "certificate_unknown", "san"),
                of("no ID", own -> own.issue(""), "certificate_unknown", "error"),
                of(
                        "another trust domain",
                        own -> own.issue("spiffe://other.org/frontend"),
                        "certificate_unknown",
                        "error"),
                of("an authority's", own -> own.issueAuthority(Hop.FRONTEND), "certificate_unknown", "error"),
                new Refusal("nothing", any -> Optional.empty(), "certificate_required", "no_cert"));
    }

    private static Refusal of(
            String name, Function<TestAuthority, TestAuthority.Issued> shown, String alert, String count) {
        return new Refusal(name, shown.andThen(Optional::of), alert, count);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void theAlertNamesTheReason(Refusal refusal) throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            var backend = hop.backend(
                    "a",
                    text -> text.replace(
                            "{ prefix: \"spiffe://example.org/\" }", "{ exact: \"" + Hop.FRONTEND + "\" }"));

            int port = backend.address("inbound").orElseThrow().getPort();
            assertEquals(refusal.alert(), alert(port, refusal.shown().apply(hop.authority)));

            var counted = "ssl.fail_verify_" + refusal.count() + ": 1\n";
            Hop.await(counted, () -> stats(hop, backend).contains(counted));
            assertFalse(stats(hop, backend).contains("http.inbound.downstream_rq_total"));
        }
    }

    /** Sends nothing, so that nothing but the alert can end the connection. */
    private static String alert(int port, Optional<TestAuthority.Issued> shown) throws Exception {
        var context = JavaTls.context(shown, new TrustsAnyone());
        try (var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            var refused = assertThrows(SSLException.class, () -> {
                int first = socket.getInputStream().read();
                throw new AssertionError("answered with " + first);
            });
            return String.valueOf(refused.getMessage()).replaceAll(".*alert: ", "");
        }
    }

    private static String stats(Hop hop, Sidecar sidecar) {
        try {
            return hop.admin(sidecar, "/stats");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
