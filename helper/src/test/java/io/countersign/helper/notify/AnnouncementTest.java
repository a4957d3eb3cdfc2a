// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.countersign.helper.TlsServer;
import io.countersign.spiffe.x509.X509Svid;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands, requests and proofs: what counts as heard, and what does not. */
final class AnnouncementTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(300);
    /** Runs out as well, but not before a program has begun or a server has shown itself. */
    private static final Duration SOME = Duration.ofSeconds(5);

    @TempDir
    private Path folder;

    private static String failure(Notice notice) {
        return String.valueOf(assertThrows(IOException.class, notice::tell).getMessage());
    }

    private static CommandNotice shell(String script, Duration limit) {
        return new CommandNotice(List.of("sh", "-c", script), limit);
    }

    @Test
    void commandHasToEndWithZero() throws Exception {
        shell("echo told > " + folder + "/told", LONG).tell();
        assertEquals("told\n", Files.readString(folder.resolve("told")));

        assertEquals("sh has ended with exit code 3, expected 0", failure(shell("exit 3", LONG)));
        assertTrue(failure(new CommandNotice(List.of("/no/such/program"), LONG)).contains("/no/such/program"));
    }

    @Test
    void commandThatDoesNotEndIsEnded() throws Exception {
        var pid = folder.resolve("pid");

        assertEquals(
                "sh has not ended within PT5S",
                failure(shell("trap '' TERM; echo $$ > " + pid + "; while :; do sleep 0.02; done", SOME)));

        long number = Long.parseLong(Files.readString(pid).strip());
        var process = ProcessHandle.of(number);
        if (process.isPresent()) {
            var _ = process.get().onExit().get(20, TimeUnit.SECONDS);
        }
        assertFalse(ProcessHandle.of(number).filter(ProcessHandle::isAlive).isPresent());
    }

    @Test
    void requestHasToBeAnsweredAsExpected() throws Exception {
        var status = new AtomicInteger(204);
        var asked = new ArrayList<String>();
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            exchange.sendResponseHeaders(status.get(), -1);
            exchange.close();
        });
        server.start();
        try {
            var url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/reload?token=secret");
            new HttpNotice(url, OptionalInt.empty(), LONG).tell();
            assertEquals(List.of("POST /reload?token=secret"), asked);

            var exact = new HttpNotice(url, OptionalInt.of(200), LONG);
            var words = failure(exact);
            assertTrue(words.endsWith("/reload was answered with 204, expected 200"), words);
            assertFalse(words.contains("secret"), words);

            status.set(500);
            assertTrue(failure(new HttpNotice(url, OptionalInt.empty(), LONG)).endsWith("500, expected 200 to 299"));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void serverThatNeverAnswersIsGivenUp() throws IOException {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var url = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/");

            assertTrue(failure(new HttpNotice(url, OptionalInt.empty(), SHORT)).contains("timed out"));
        }
    }

    @Test
    void serverProvesItselfWithTheNewCertificate() throws Exception {
        var old = TlsServer.svid();
        var fresh = TlsServer.svid();
        try (var server = TlsServer.start(old, false)) {
            var words = proofFails(proof(server, Proof.Protocol.TLS, SOME), fresh);
            assertTrue(
                    words.contains("shows serial " + old.serialNumberHex() + ", expected " + fresh.serialNumberHex()),
                    words);

            var later = Thread.ofVirtual().start(() -> server.show(fresh));
            proof(server, Proof.Protocol.TLS, LONG).await(fresh.leaf());
            later.join();
        }
    }

    @Test
    void serverThatWantsAClientCertificateProvesItselfAsWell() throws Exception {
        var svid = TlsServer.svid();
        try (var server = TlsServer.startForClientsWithCertificates(svid)) {
            proof(server, Proof.Protocol.TLS, LONG).await(svid.leaf());
        }
    }

    @Test
    void postgresqlIsAskedForTlsFirst() throws Exception {
        var svid = TlsServer.svid();
        try (var server = TlsServer.start(svid, true)) {
            proof(server, Proof.Protocol.POSTGRESQL, LONG).await(svid.leaf());
        }
    }

    @Test
    void serverThatIsAwayProvesNothing() throws Exception {
        var svid = TlsServer.svid();
        int port;
        try (var server = TlsServer.start(svid, false)) {
            port = server.port();
        }
        var proof = new Proof("127.0.0.1", port, Proof.Protocol.TLS, Optional.empty(), SHORT);

        assertTrue(proofFails(proof, svid).contains("cannot be asked"));
    }

    @Test
    void nothingIsProvedIfSomebodyWasNotTold() throws Exception {
        var told = folder.resolve("told");
        var announcement = new Announcement(
                List.of(shell("exit 1", LONG), shell("echo told > " + told, LONG)),
                Optional.of(new Proof("127.0.0.1", 1, Proof.Protocol.TLS, Optional.empty(), LONG)));

        var failure = assertThrows(
                IOException.class, () -> announcement.make(TlsServer.svid().leaf()));

        assertEquals("command sh: sh has ended with exit code 1, expected 0", failure.getMessage());
        assertTrue(Files.exists(told), "what fails keeps the others from nothing");
    }

    private static Proof proof(TlsServer server, Proof.Protocol protocol, Duration limit) {
        return new Proof("127.0.0.1", server.port(), protocol, Optional.empty(), limit);
    }

    private static String proofFails(Proof proof, X509Svid expected) {
        return String.valueOf(assertThrows(IOException.class, () -> proof.await(expected.leaf()))
                .getMessage());
    }
}
