// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A WebSocket's handshake and bytes through the pair of sidecars, to a program that says yes. */
@Timeout(60)
// where lines end is what this is about
@SuppressWarnings("StringConcatToTextBlock")
class UpgradeTest {
    static final String REQUEST = "GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    private static final String CONSENT = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nfirst";

    @TempDir
    Path folder;

    static String upgradable(String yaml) {
        return yaml.replace("codec_type: AUTO", "upgrade_configs: [{upgrade_type: websocket}]");
    }

    @Test
    void bytesGoBothWaysAfterTheConsent() throws Exception {
        try (var program = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var hop = new Hop(folder, Hop::echoHeaders)) {
            var answering = Thread.ofVirtual().start(() -> answer(program));
            hop.agent("a", Hop.BACKEND);
            hop.agent("b", Hop.FRONTEND);
            // with its name, as the folder's may hold the same digits
            var own = "port_value: " + hop.app.getAddress().getPort();
            var backend =
                    hop.backend("a", text -> upgradable(text).replace(own, "port_value: " + program.getLocalPort()));
            var frontend = hop.frontend("b", backend, UpgradeTest::upgradable);
            try (var client = new Socket(
                    InetAddress.getLoopbackAddress(),
                    frontend.address("outbound").orElseThrow().getPort())) {
                client.setSoTimeout(10_000);
                client.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));

                var head = head(client.getInputStream());
                assertTrue(head.startsWith("HTTP/1.1 101 Switching Protocols\r\n"), head);
                assertTrue(head.contains("connection: Upgrade\r\n"), head);
                assertTrue(head.contains("upgrade: websocket\r\n"), head);
                assertTrue(head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), head);
                assertEquals("first", text(client.getInputStream(), 5));
                client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
                assertEquals("HELLO", text(client.getInputStream(), 5));
                client.shutdownOutput();
                assertEquals("", new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            }
            answering.join();
            var log = folder.resolve("backend-envoy.yaml.log");
            Hop.await("the line in the log", () -> read(log).contains("101"));
            var stats = hop.admin(backend, "/stats");
            assertTrue(stats.contains("http.inbound.downstream_cx_upgrades_total: 1\n"), stats);
        }
    }

    @Test
    void upgradeThatTheFileDoesNotNameIsRefused() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            hop.agent("b", Hop.FRONTEND);
            var frontend = hop.frontend("b", hop.backend("a", text -> text), text -> text);
            try (var client = new Socket(
                    InetAddress.getLoopbackAddress(),
                    frontend.address("outbound").orElseThrow().getPort())) {
                client.setSoTimeout(10_000);
                client.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));

                assertTrue(head(client.getInputStream()).startsWith("HTTP/1.1 403 Forbidden\r\n"));
            }
        }
    }

    @Test
    void programThatRefusesIsHeardAsEver() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            hop.agent("b", Hop.FRONTEND);
            var frontend = hop.frontend("b", hop.backend("a", UpgradeTest::upgradable), UpgradeTest::upgradable);
            try (var client = new Socket(
                    InetAddress.getLoopbackAddress(),
                    frontend.address("outbound").orElseThrow().getPort())) {
                client.setSoTimeout(10_000);
                client.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));

                assertTrue(head(client.getInputStream()).startsWith("HTTP/1.1 200 OK\r\n"));
            }
        }
    }

    /** Consents, and answers five bytes in capital letters. */
    static void answer(ServerSocket program) {
        try (var client = program.accept()) {
            var head = head(client.getInputStream());
            assertTrue(head.contains("upgrade: websocket\r\n"), head);
            assertTrue(head.contains("connection: upgrade\r\n"), head);
            assertTrue(head.contains("sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), head);
            client.getOutputStream().write(CONSENT.getBytes(StandardCharsets.US_ASCII));
            var said = text(client.getInputStream(), 5);
            client.getOutputStream().write(said.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII));
            assertEquals(-1, client.getInputStream().read());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static String head(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("connection ended after: " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    static String text(InputStream in, int length) throws IOException {
        return new String(in.readNBytes(length), StandardCharsets.US_ASCII);
    }
}
