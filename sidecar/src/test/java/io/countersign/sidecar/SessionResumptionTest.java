// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that would go on with a session in which everybody is verified already. */
@Timeout(60)
class SessionResumptionTest {
    private static final byte[] REQUEST =
            "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void handshakesAgainWithASidecar(String version) throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            var backend = hop.backend("a", text -> text);
            int port = backend.address("inbound").orElseThrow().getPort();

            assertEquals(2, verifications(version, hop.authority.issue(Hop.FRONTEND), port));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void resumesWithAServerThatLetsIt(String version) throws Exception {
        var authority = new TestAuthority();
        var context = JavaTls.context(Optional.of(authority.issue(Hop.BACKEND)), new TrustsAnyone());
        try (var server = context.getServerSocketFactory().createServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
            var answering = Thread.ofVirtual().start(() -> answerTwice(server));

            assertEquals(1, verifications(version, authority.issue(Hop.FRONTEND), server.getLocalPort()));
            answering.join();
        }
    }

    private static void answerTwice(ServerSocket server) {
        for (int i = 0; i < 2; i++) {
            try (var client = server.accept()) {
                var _ = UpgradeTest.head(client.getInputStream());
                client.getOutputStream().write((OK + "\r\n").getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** How often the client looks at the server's certificate for two connections. */
    private static int verifications(String version, TestAuthority.Issued shown, int port) throws Exception {
        var trust = new TrustsAnyone();
        var context = JavaTls.context(Optional.of(shown), trust);
        for (int i = 0; i < 2; i++) {
            try (var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
                socket.setSoTimeout(20_000);
                socket.setEnabledProtocols(new String[] {version});
                socket.getOutputStream().write(REQUEST);
                var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                assertTrue(answer.startsWith(OK), answer);
            }
        }
        return trust.asked();
    }
}
