// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder.attempt;

import static io.countersign.intruder.TestAuthority.BACKEND;
import static io.countersign.intruder.TestAuthority.FRONTEND;
import static io.countersign.intruder.TestAuthority.INTRUDER;
import static io.countersign.intruder.TestAuthority.POSTGRES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.intruder.RealPostgres;
import io.countersign.intruder.TestAuthority;
import io.countersign.intruder.attempt.Outcome.LetIn;
import io.countersign.intruder.attempt.Outcome.Refused;
import io.countersign.intruder.attempt.Outcome.Untried;
import io.countersign.spiffe.SpiffeId;
import io.countersign.workloadapi.X509Context;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real PostgreSQL with the demo's login trigger, whose role belongs to the backend. */
@Timeout(120)
class WrongRoleTest {
    private static final TestAuthority AUTHORITY = new TestAuthority();
    private static RealPostgres postgres;

    @BeforeAll
    static void start() throws Exception {
        postgres = new RealPostgres(AUTHORITY, BACKEND, POSTGRES);
        postgres.start();
    }

    @AfterAll
    static void stop() throws Exception {
        postgres.close();
    }

    @Test
    void anotherIdentityIsRefusedAtLogin() {
        var outcome = login(POSTGRES, BACKEND).make(AUTHORITY.context(INTRUDER));

        assertEquals(
                new Refused(
                        "PostgreSQL (" + POSTGRES + "), at login",
                        "FATAL: login as role \"demouser\" refused: it is not bound to SPIFFE ID \"" + INTRUDER
                                + "\" (SQLSTATE 28000)"),
                outcome);
    }

    @Test
    void aForeignCertificateIsRefusedInTheHandshake() {
        var own = AUTHORITY.context(INTRUDER);
        var forged = new X509Context(List.of(Forgery.of(INTRUDER)), own.bundles());

        var refused = assertInstanceOf(Refused.class, login(POSTGRES, BACKEND).make(forged));

        assertEquals("PostgreSQL (" + POSTGRES + "), in the TLS handshake", refused.by());
        assertTrue(refused.error().contains("Received fatal alert: unknown_ca"), refused::error);
    }

    @Test
    void beingLetInIsSaidPlainly() {
        // the role is bound to the backend, but said to be the frontend's
        var outcome = login(POSTGRES, FRONTEND).make(AUTHORITY.context(BACKEND));

        assertEquals(new LetIn("nobody refused: logged in as \"demouser\" at database \"demo\""), outcome);
    }

    @Test
    void nothingThatAnotherServerSaysCounts() {
        var untried = assertInstanceOf(Untried.class, login(FRONTEND, BACKEND).make(AUTHORITY.context(INTRUDER)));

        assertTrue(untried.error().contains("the peer is " + POSTGRES), untried::error);
    }

    @Test
    void theHolderOfTheRoleIsNoIntruder() {
        assertInstanceOf(Untried.class, login(POSTGRES, BACKEND).make(AUTHORITY.context(BACKEND)));
    }

    @Test
    void aRefusedConnectionIsNoRefusal() throws Exception {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }

        var untried =
                assertInstanceOf(Untried.class, login(port, POSTGRES, BACKEND).make(AUTHORITY.context(INTRUDER)));

        assertTrue(untried.error().startsWith("127.0.0.1:" + port + ": "), untried::error);
    }

    private static WrongRole login(SpiffeId server, SpiffeId holder) {
        return login(postgres.port, server, holder);
    }

    private static WrongRole login(int port, SpiffeId server, SpiffeId holder) {
        return new WrongRole(new Target("127.0.0.1", port, server), "demo", "demouser", holder, Duration.ofSeconds(20));
    }
}
