// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What has no last answer, and is closed all the same when the certificates run out with which it was opened. */
@Timeout(60)
class BytesExpiryTest {
    private static final Duration LIFE = Duration.ofSeconds(10);
    /** Timers count whole milliseconds. */
    private static final Duration EARLY = Duration.ofMillis(100);

    @TempDir
    Path folder;

    /** Who looks at certificates after the handshake. */
    enum Watching {
        FRONTEND,
        BACKEND
    }

    private static Instant shortLived(Hop hop) throws IOException {
        hop.agent("a", Hop.BACKEND);
        var agent = hop.bareAgent("b");
        agent.trust("example.org", hop.authority);
        var until = Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(LIFE);
        agent.identity(hop.authority.issue(Hop.FRONTEND, until.minus(LIFE), LIFE));
        return until;
    }

    private static String carryingBytes(String yaml) {
        int from = yaml.indexOf("            - name: envoy.filters.network.http_connection_manager");
        return yaml.substring(0, from) + """
                            - name: tcp
                              typed_config:
                                "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                                stat_prefix: bytes
                                cluster: backend
                """ + yaml.substring(yaml.indexOf("  clusters:"));
    }

    private static String withEnd(String yaml, boolean closes) {
        return yaml.replace(
                "cluster: countersign",
                "cluster: countersign\n  metadata: {countersign: {close_at_expiry: " + closes + "}}");
    }

    private static Socket connect(Sidecar frontend) throws IOException {
        var socket = new Socket(
                InetAddress.getLoopbackAddress(),
                frontend.address("outbound").orElseThrow().getPort());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static void assertEndsAt(Instant until, Socket client) throws IOException {
        assertEquals(-1, client.getInputStream().read());
        assertFalse(Instant.now().isBefore(until.minus(EARLY)));
    }

    @ParameterizedTest
    @EnumSource
    void tunnelEndsWithTheCertificate(Watching watching) throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var until = shortLived(hop);
            var backend = hop.backend("a", text -> withEnd(carryingBytes(text), watching == Watching.BACKEND));
            var frontend =
                    hop.frontend("b", backend, text -> withEnd(carryingBytes(text), watching == Watching.FRONTEND));
            try (var client = connect(frontend)) {
                client.getOutputStream()
                        .write("HEAD / HTTP/1.1\r\nhost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertTrue(UpgradeTest.head(client.getInputStream()).startsWith("HTTP/1.1 200 OK\r\n"));

                assertEndsAt(until, client);
            }
        }
    }

    @Test
    void tunnelOfWhoReadsNothingEndsAsWell() throws Exception {
        var program = new Endless();
        try (var hop = new Hop(folder, program)) {
            hop.agent("a", Hop.BACKEND);
            var backend = hop.backend("a", BytesExpiryTest::carryingBytes);
            var until = Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(LIFE);
            var shown = hop.authority.issue(Hop.FRONTEND, until.minus(LIFE), LIFE);
            var context = JavaTls.context(Optional.of(shown), new TrustsAnyone());
            int port = backend.address("inbound").orElseThrow().getPort();
            try (var client = context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
                client.getOutputStream().write("GET / HTTP/1.1\r\nhost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                Hop.await("a way that is full", program::isStuck);

                hop.awaitStat(backend, "listener.127.0.0.1_0.downstream_cx_active: 0");

                assertFalse(Instant.now().isBefore(until.minus(EARLY)));
                Hop.await("the end of what the program sends", program::isCutOff);
            }
        }
    }

    @Test
    void webSocketEndsWithTheCertificate() throws Exception {
        try (var program = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var hop = new Hop(folder, Hop::echoHeaders)) {
            var answering = Thread.ofVirtual().start(() -> UpgradeTest.answer(program));
            var until = shortLived(hop);
            var own = "port_value: " + hop.app.getAddress().getPort();
            var backend = hop.backend(
                    "a", text -> UpgradeTest.upgradable(text).replace(own, "port_value: " + program.getLocalPort()));
            var frontend = hop.frontend("b", backend, UpgradeTest::upgradable);
            try (var client = connect(frontend)) {
                client.getOutputStream().write(UpgradeTest.REQUEST.getBytes(StandardCharsets.US_ASCII));
                assertTrue(UpgradeTest.head(client.getInputStream()).startsWith("HTTP/1.1 101 "));
                client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
                assertEquals("firstHELLO", UpgradeTest.text(client.getInputStream(), 10));

                assertEndsAt(until, client);
            }
            answering.join();
        }
    }
}
