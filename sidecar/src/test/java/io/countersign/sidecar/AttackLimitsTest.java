// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that hold on to what they do not use, or make much work with little, and what others notice of them. */
@Timeout(60)
class AttackLimitsTest {
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int MANY = 20_000;

    @TempDir
    Path folder;

    private static int start(Hop hop, UnaryOperator<String> change) throws Exception {
        var file = PlainFile.of("", "connect_timeout: 20s", hop.app.getAddress().getPort());
        return hop.start(file, change).address("outbound").orElseThrow().getPort();
    }

    /** What an attacker does until nobody listens any more. */
    private interface Blow {
        void strike(int number) throws IOException;
    }

    private static void untilRefused(Blow blow) throws IOException {
        try {
            for (int i = 0; i < MANY; i++) {
                blow.strike(i);
            }
        } catch (SocketException e) {
            // the connection is gone; what was said before is read below
        }
    }

    /** The attacker is sent away, and somebody else goes on as before. */
    private void assertSentAway(UnaryOperator<String> change, Attack attack) throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            int port = start(hop, change);
            try (var attacker = new RawHttp2(port);
                    var other = new RawHttp2(port)) {
                other.get(1);
                assertTrue(other.next(RawHttp2.HEADERS).isOk());

                attack.against(attacker);

                assertEquals(ENHANCE_YOUR_CALM, attacker.next(RawHttp2.GOAWAY).error());
                assertTrue(attacker.isEnded());
                other.get(3);
                assertTrue(other.next(RawHttp2.HEADERS).isOk());
            }
        }
    }

    private interface Attack {
        void against(RawHttp2 connection) throws IOException;
    }

    @Test
    void streamsThatAreOpenedAndResetAtOnce() throws Exception {
        assertSentAway(
                text -> text,
                connection -> untilRefused(number -> {
                    connection.get(2 * number + 1);
                    connection.reset(2 * number + 1);
                }));
    }

    @Test
    void headInPiecesWithoutEnd() throws Exception {
        assertSentAway(text -> text, connection -> {
            connection.begin(1, RawHttp2.END_STREAM);
            untilRefused(number -> connection.send(RawHttp2.CONTINUATION, 0, 1));
        });
    }

    @Test
    void headThatIsBegunAndLeft() throws Exception {
        assertSentAway(
                text -> text.replace("stat_prefix: out", "stat_prefix: out\n          request_headers_timeout: 1s"),
                connection -> connection.begin(1, RawHttp2.END_STREAM));
    }

    @Test
    void frameOfNoStreamFromWhoReadsNothing() throws Exception {
        var program = new Endless();
        try (var hop = new Hop(folder, program)) {
            var sidecar = hop.start(
                    PlainFile.of(
                            "timeout: 0s",
                            "connect_timeout: 20s",
                            hop.app.getAddress().getPort()),
                    text -> text);
            try (var attacker =
                    new RawHttp2(sidecar.address("outbound").orElseThrow().getPort())) {
                attacker.openWindows();
                attacker.get(1);
                Hop.await("a way that is full", program::isStuck);

                attacker.send(RawHttp2.DATA, 0, 0);

                hop.awaitStat(sidecar, "listener.127.0.0.1_0.downstream_cx_active: 0");
                hop.awaitStat(sidecar, "http.out.downstream_cx_protocol_error: 1");
            }
        }
    }

    private static String timed(String file) {
        return file.replace("cluster: y", "cluster: y, metadata: {countersign: {request_timeout: 1s}}");
    }

    @Test
    void bodyThatDripsForEver() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            int port = start(hop, AttackLimitsTest::timed);
            try (var client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.setSoTimeout(100);
                write(client, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n");

                assertEquals("HTTP/1.1 408 ", new String(drip(client), StandardCharsets.US_ASCII));
            }
        }
    }

    @Test
    void whoIsAnsweredBeforeTheEndOfHisRequestIsNotTimed() throws Exception {
        try (var hop = new Hop(folder, AttackLimitsTest::answerEarly)) {
            int port = start(hop, AttackLimitsTest::timed);
            try (var client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.setSoTimeout(100);
                write(client, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
                long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
                var heard = new StringBuilder();
                while (System.nanoTime() < end) {
                    write(client, "1\r\nx\r\n");
                    hear(client, heard);
                }

                write(client, "0\r\n\r\n");

                Hop.await("the end of the answer", () -> hear(client, heard).contains("\r\n\r\n3\r\nend\r\n"));
            }
        }
    }

    /** Begins the answer at once, and ends it after the request. */
    private static void answerEarly(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        try (var out = exchange.getResponseBody()) {
            out.flush();
            exchange.getRequestBody().readAllBytes();
            out.write("end".getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** What has come by now, added to what came before. */
    private static String hear(Socket client, StringBuilder before) {
        try {
            int letter = client.getInputStream().read();
            if (letter < 0) {
                throw new AssertionError("cut off after: " + before);
            }
            before.append((char) letter);
        } catch (SocketTimeoutException e) {
            // nothing for now
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return before.toString();
    }

    /** Sends a letter now and then, until there is an answer. */
    private static byte[] drip(Socket client) throws IOException {
        for (int i = 0; i < 200; i++) {
            try {
                return client.getInputStream().readNBytes("HTTP/1.1 408 ".length());
            } catch (SocketTimeoutException e) {
                write(client, "x");
            }
        }
        throw new AssertionError("it may go on for ever");
    }

    private static void write(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
