// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import static io.countersign.intruder.TestAuthority.BACKEND;
import static io.countersign.intruder.TestAuthority.FRONTEND;
import static io.countersign.intruder.TestAuthority.INTRUDER;
import static io.countersign.intruder.TestAuthority.POSTGRES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.intruder.TestAuthority;
import io.countersign.intruder.TestSidecar;
import io.countersign.intruder.attempt.Outcome.LetIn;
import io.countersign.intruder.attempt.Outcome.Refused;
import io.countersign.intruder.attempt.Outcome.Untried;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SidecarAttemptsTest {
    private static final TestAuthority AUTHORITY = new TestAuthority();
    private static final String HANDSHAKE = "the backend's sidecar (" + BACKEND + "), in the TLS handshake";

    @Test
    void anotherIdentityIsRefusedByRbac() throws Exception {
        try (var sidecar = TestSidecar.strict(AUTHORITY, "TLSv1.3", TestSidecar.RBAC)) {
            var outcome = make(new WrongIdentity(door(sidecar), FRONTEND));

            assertEquals(
                    new Refused(
                            "the backend's sidecar (" + BACKEND + ") as server \"envoy\", by RBAC",
                            "HTTP 403: RBAC: access denied"),
                    outcome);
            assertEquals(List.of("GET /api/orders HTTP/1.1"), sidecar.requests());
        }
    }

    @Test
    void aRefusalOverHttpIsNotTakenForRbac() throws Exception {
        var answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno\n";
        try (var sidecar = TestSidecar.strict(AUTHORITY, "TLSv1.3", answer)) {
            assertEquals(
                    new Refused("the backend's sidecar (" + BACKEND + "), over HTTP", "HTTP 403: no"),
                    make(new WrongIdentity(door(sidecar), FRONTEND)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void noIdentityIsRefusedInTheHandshake(String version) throws Exception {
        try (var sidecar = TestSidecar.strict(AUTHORITY, version, TestSidecar.ORDERS)) {
            var refused = assertInstanceOf(Refused.class, make(new NoIdentity(door(sidecar))));

            assertEquals(HANDSHAKE, refused.by());
            assertTrue(refused.error().contains("Received fatal alert: "), refused::error);
            assertEquals(List.of(), sidecar.requests());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aForeignAuthorityIsRefusedInTheHandshake(String version) throws Exception {
        try (var sidecar = TestSidecar.strict(AUTHORITY, version, TestSidecar.ORDERS)) {
            var refused = assertInstanceOf(Refused.class, make(new ForeignAuthority(door(sidecar), FRONTEND)));

            assertEquals(HANDSHAKE, refused.by());
            assertTrue(refused.error().contains("Received fatal alert: certificate_unknown"), refused::error);
            assertEquals(List.of(), sidecar.requests());
        }
    }

    @Test
    void beingLetInIsSaidPlainly() throws Exception {
        try (var sidecar = TestSidecar.lax(AUTHORITY, TestSidecar.ORDERS)) {
            var door = door(sidecar);
            for (var attempt : List.of(
                    new WrongIdentity(door, FRONTEND), new NoIdentity(door), new ForeignAuthority(door, FRONTEND))) {
                assertEquals(new LetIn("nobody refused: HTTP 200: orders"), make(attempt), attempt::kind);
            }
        }
    }

    @Test
    void anErrorBehindTheGateIsNoRefusal() throws Exception {
        var answer = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
        try (var sidecar = TestSidecar.strict(AUTHORITY, "TLSv1.3", answer)) {
            assertEquals(new LetIn("nobody refused: HTTP 503"), make(new WrongIdentity(door(sidecar), FRONTEND)));
        }
    }

    @Test
    void aRefusedConnectionIsNoRefusal() throws Exception {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }

        var outcome = make(new NoIdentity(door(new Target("127.0.0.1", port, BACKEND))));

        assertEquals(new Untried("127.0.0.1:" + port + ": java.net.ConnectException: Connection refused"), outcome);
    }

    @Test
    void silenceIsNoRefusal() throws Exception {
        try (var sidecar = TestSidecar.strict(AUTHORITY, "TLSv1.3", TestSidecar.SILENCE)) {
            var untried =
                    assertInstanceOf(Untried.class, make(new WrongIdentity(door(sidecar.as(BACKEND), 2), FRONTEND)));

            assertTrue(untried.error().contains("timed out"), untried::error);
        }
    }

    @Test
    void aListenerThatNeverAnswersTheHandshakeIsNoRefusal() throws Exception {
        try (var socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            var target = new Target("127.0.0.1", socket.getLocalPort(), BACKEND);
            var untried = assertInstanceOf(Untried.class, make(new NoIdentity(door(target, 2))));

            assertTrue(untried.error().contains("timed out"), untried::error);
        }
    }

    @Test
    void nothingThatAnotherServerSaysCounts() throws Exception {
        try (var sidecar = TestSidecar.strict(AUTHORITY, "TLSv1.3", TestSidecar.RBAC)) {
            var door = door(sidecar.as(POSTGRES));

            var untried = assertInstanceOf(Untried.class, make(new WrongIdentity(door, FRONTEND)));

            assertTrue(untried.error().contains("the peer is " + BACKEND), untried::error);
            assertInstanceOf(Untried.class, make(new NoIdentity(door)));
            assertEquals(List.of(), sidecar.requests());
        }
    }

    @Test
    void theFrontendItselfIsNoIntruder() throws Exception {
        try (var sidecar = TestSidecar.strict(AUTHORITY, "TLSv1.3", TestSidecar.ORDERS)) {
            var outcome = new WrongIdentity(door(sidecar), FRONTEND).make(AUTHORITY.context(FRONTEND));

            assertInstanceOf(Untried.class, outcome);
            assertEquals(List.of(), sidecar.requests());
        }
    }

    private static Outcome make(Attempt attempt) {
        return attempt.make(AUTHORITY.context(INTRUDER));
    }

    private static SidecarDoor door(TestSidecar sidecar) {
        return door(sidecar.as(BACKEND));
    }

    private static SidecarDoor door(Target target) {
        return door(target, 20);
    }

    private static SidecarDoor door(Target target, int seconds) {
        return new SidecarDoor(target, Duration.ofSeconds(seconds));
    }
}
