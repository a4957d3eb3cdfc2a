// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import static io.countersign.agent.TestDomain.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.TestClock;
import io.countersign.agent.TestDomain;
import io.countersign.agent.config.Bootstrap;
import io.countersign.agent.server.ServerConnection;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service on a Unix socket that knows the authorities of the server. */
final class LocalBundleTest {
    @TempDir
    private Path folder;

    private final TestDomain home = new TestDomain(HOME);
    private final TestClock clock = new TestClock();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile String answer = "HTTP/1.1 200 OK\r\nContent-Type: application/x-pem-file\r\n\r\n"
            + Pem.certificates(home.bundle().x509Authorities());
    private ServerSocketChannel service;

    @BeforeEach
    void open() throws IOException {
        service = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        service.bind(UnixDomainSocketAddress.of(socket()));
        Thread.ofVirtual().start(this::serve);
    }

    @AfterEach
    void close() throws IOException {
        service.close();
    }

    private Path socket() {
        return folder.resolve("attestor.sock");
    }

    private void serve() {
        while (service.isOpen()) {
            try (var caller = service.accept()) {
                asked.add(question(caller).lines().findFirst().orElse(""));
                caller.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
            } catch (IOException e) {
                asked.add("nothing: " + e.getMessage());
            }
        }
    }

    private static String question(SocketChannel caller) throws IOException {
        var text = new StringBuilder();
        var buffer = ByteBuffer.allocate(4096);
        while (!text.toString().endsWith("\r\n\r\n") && caller.read(buffer) >= 0) {
            text.append(StandardCharsets.US_ASCII.decode(buffer.flip()));
            buffer.clear();
        }
        return text.toString();
    }

    private BootstrapBundle bundle(String url) {
        return new BootstrapBundle(
                new Bootstrap.LocalUrl(socket(), URI.create(url), false),
                new ServerConnection("10.0.0.1", 8081, HOME),
                clock);
    }

    private static String line(String begin, String mode, int attempt, String since) {
        return "GET " + begin + "spire-attest-mode=" + mode + "&spire-connection-attempts=" + attempt
                + "&spire-attest-start-time=" + since
                + "&spire-server-address=10.0.0.1&spire-server-port=8081&spiffe-trust-domain=example.org HTTP/1.0";
    }

    @Test
    void serviceIsToldWhoAsksWhyAndHowOften() throws Exception {
        clock.set(Instant.parse("2026-03-01T10:20:30Z"));
        var bundle = bundle("http://localhost/bundle?instance=a");
        assertEquals(home.bundle().x509Authorities(), bundle.get(false).x509Authorities());
        clock.advance(Duration.ofMinutes(1));
        bundle.get(false);
        bundle.get(true);
        bundle.served();
        bundle.get(true);

        var begin = "/bundle?instance=a&";
        var first = "2026-03-01T10%3A20%3A30Z";
        var later = "2026-03-01T10%3A21%3A30Z";
        assertEquals(
                List.of(
                        line(begin, "bootstrap", 1, first),
                        line(begin, "bootstrap", 2, first),
                        line(begin, "rebootstrap", 1, later),
                        line(begin, "rebootstrap", 1, later)),
                asked);
    }

    @Test
    void urlNeedsNoPath() throws Exception {
        clock.set(Instant.parse("2026-03-01T10:20:30Z"));
        bundle("http://localhost").get(false);
        assertEquals(List.of(line("/?", "bootstrap", 1, "2026-03-01T10%3A20%3A30Z")), asked);
    }

    @Test
    void answerThatIsNoneIsAskedForAgainLater() throws Exception {
        answer = "HTTP/1.1 503 Service Unavailable\r\n\r\nsoon";
        var unavailable = assertThrows(
                AwayException.class, () -> bundle("http://localhost/").get(false));
        assertEquals(socket() + " answers 503 to trust_bundle_url, expected 200", unavailable.getMessage());

        answer = "SSH-2.0-OpenSSH\r\n";
        var foreign = assertThrows(
                AwayException.class, () -> bundle("http://localhost/").get(false));
        assertTrue(String.valueOf(foreign.getMessage()).contains("something else than http"), foreign::getMessage);

        service.close();
        assertThrows(AwayException.class, () -> bundle("http://localhost/").get(false));
    }
}
