// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How clients are asked to leave: by a stop, by {@code /drain_listeners}, and by {@code /healthcheck/fail}. */
@Timeout(60)
class DrainTest {
    /** Also a machine that stalls sees the middle of it. */
    private static final int SECONDS = 5;

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);

    @TempDir
    Path folder;

    private void later(HttpExchange exchange) throws IOException {
        if (exchange.getRequestURI().getPath().equals("/")) {
            asked.countDown();
            try {
                answer.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Hop.reply(exchange, 200, "done".getBytes(StandardCharsets.US_ASCII));
    }

    private static Sidecar start(Hop hop, UnaryOperator<String> change) throws Exception {
        var file = PlainFile.of("", "connect_timeout: 20s", hop.app.getAddress().getPort());
        hop.drainSeconds = SECONDS;
        return hop.start(file, change);
    }

    private static int port(Sidecar sidecar, String listener) {
        return sidecar.address(listener).orElseThrow().getPort();
    }

    private static void post(Hop hop, Sidecar sidecar, String path) throws Exception {
        int port = sidecar.adminAddress().orElseThrow().getPort();
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        var response = hop.client.send(request, BodyHandlers.ofString());
        assertEquals("200 OK\n", response.statusCode() + " " + response.body());
    }

    /** One connection in HTTP/1.1. */
    private static final class Client implements AutoCloseable {
        private final Socket socket;

        Client(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(20_000);
        }

        void say(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        }

        void ask(String path) throws IOException {
            say("GET " + path + " HTTP/1.1\r\nhost: a\r\n\r\n");
        }

        String hear(int letters) throws IOException {
            return new String(socket.getInputStream().readNBytes(letters), StandardCharsets.US_ASCII);
        }

        /** Up to its end, whether the connection goes on or not. */
        String answer(String end) throws IOException {
            var text = new StringBuilder();
            while (text.indexOf(end) < 0) {
                int letter = socket.getInputStream().read();
                if (letter < 0) {
                    throw new AssertionError("cut off after: " + text);
                }
                text.append((char) letter);
            }
            return text.toString();
        }

        boolean isEnded() throws IOException {
            return socket.getInputStream().read() < 0;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void answerInFlightAtTheStopIsCompletedAndTheLast() throws Exception {
        try (var hop = new Hop(folder, this::later)) {
            var sidecar = start(hop, text -> text);
            try (var client = new Client(port(sidecar, "outbound"))) {
                client.ask("/");
                asked.await();
                var stopping = Thread.ofVirtual().start(sidecar::close);
                Hop.await("a closed port", () -> sidecar.address("outbound").isEmpty());

                answer.countDown();

                var heard = client.answer("done");
                assertTrue(heard.startsWith("HTTP/1.1 200 OK\r\n"), heard);
                assertTrue(heard.contains("connection: close\r\n"), heard);
                assertTrue(client.isEnded());
                stopping.join();
            }
        }
    }

    @Test
    void streamInFlightIsCompletedAfterTheGoodBye() throws Exception {
        try (var hop = new Hop(folder, this::later)) {
            var sidecar = start(hop, text -> text);
            try (var client = new RawHttp2(port(sidecar, "outbound"))) {
                client.get(1);
                asked.await();

                post(hop, sidecar, "/drain_listeners");

                assertEquals(Integer.MAX_VALUE, client.next(RawHttp2.GOAWAY).lastStream());
                // on its way when the good-bye came
                client.begin(3, RawHttp2.END_HEADERS | RawHttp2.END_STREAM);
                assertEquals(3, client.next(RawHttp2.GOAWAY).lastStream());
                answer.countDown();
                assertTrue(client.next(RawHttp2.HEADERS).isOk());
                assertTrue(client.next(RawHttp2.HEADERS).isOk());
                assertTrue(client.isEnded());
            }
        }
    }

    @Test
    void drainingClosesThePortAndNoCall() throws Exception {
        try (var hop = new Hop(folder, this::later)) {
            var sidecar = start(hop, text -> text);
            int port = port(sidecar, "outbound");
            try (var client = new Client(port)) {
                client.ask("/");
                asked.await();

                post(hop, sidecar, "/drain_listeners");

                Hop.await("a closed port", () -> sidecar.address("outbound").isEmpty());
                assertThrows(ConnectException.class, () -> new Client(port));
                answer.countDown();
                var heard = client.answer("done");
                assertTrue(heard.contains("connection: close\r\n"), heard);
            }
        }
    }

    @Test
    void gracefulDrainTakesConnectionsForOneAnswerUntilItIsOver() throws Exception {
        answer.countDown();
        try (var hop = new Hop(folder, this::later)) {
            var sidecar = start(hop, text -> text);
            int port = port(sidecar, "outbound");

            post(hop, sidecar, "/drain_listeners?graceful");

            Hop.await("the first answer that is the last", () -> isLast(port));
            Hop.await("a closed port", () -> sidecar.address("outbound").isEmpty());
            assertThrows(ConnectException.class, () -> new Client(port));
        }
    }

    private static boolean isLast(int port) {
        try (var client = new Client(port)) {
            client.ask("/");
            return client.answer("done").contains("connection: close\r\n");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void outboundListenerStaysWhenOnlyInboundOnesDrain() throws Exception {
        answer.countDown();
        try (var hop = new Hop(folder, this::later)) {
            var sidecar = start(hop, DrainTest::withInbound);
            int inbound = port(sidecar, "inbound");
            try (var client = new Client(port(sidecar, "outbound"))) {
                post(hop, sidecar, "/drain_listeners?inboundonly");

                Hop.await("a closed port", () -> sidecar.address("inbound").isEmpty());
                assertThrows(ConnectException.class, () -> new Client(inbound));
                client.ask("/");
                assertFalse(client.answer("done").contains("connection: close\r\n"));
                assertFalse(isLast(port(sidecar, "outbound")));
            }
        }
    }

    /** The listener once more, under another name. */
    private static String withInbound(String file) {
        int from = file.indexOf("  - name: outbound");
        var listener = file.substring(from, file.indexOf("  clusters:"));
        return file.substring(0, from)
                + listener.replace("name: outbound", "name: inbound\n    traffic_direction: INBOUND")
                + file.substring(from).replace("name: outbound", "name: outbound\n    traffic_direction: OUTBOUND");
    }

    @Test
    void whoFailsItsHealthCheckKeepsNoConnection() throws Exception {
        try (var hop = new Hop(folder, this::later)) {
            var sidecar = start(
                    hop,
                    text -> text.replace(
                            "route: {cluster: app, }", "direct_response: {status: 200, body: {inline_string: done}}"));
            int port = port(sidecar, "outbound");
            assertFalse(isLast(port));

            post(hop, sidecar, "/healthcheck/fail");
            assertTrue(isLast(port));

            post(hop, sidecar, "/healthcheck/ok");
            assertFalse(isLast(port));
        }
    }

    @Test
    void bytesAreCarriedUntilTheDrainIsOver() throws Exception {
        try (var program = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.drainSeconds = SECONDS;
            var sidecar = hop.start(tunnel(program.getLocalPort()), text -> text);
            try (var client = new Client(port(sidecar, "outbound"));
                    var server = program.accept()) {
                server.setSoTimeout(20_000);
                client.say("a");
                assertEquals('a', server.getInputStream().read());
                var stopping = Thread.ofVirtual().start(sidecar::close);
                Hop.await("a closed port", () -> sidecar.address("outbound").isEmpty());

                client.say("hello");

                assertEquals("hello", new String(server.getInputStream().readNBytes(5), StandardCharsets.US_ASCII));
                server.getOutputStream().write("HELLO".getBytes(StandardCharsets.US_ASCII));
                assertEquals("HELLO", client.hear(5));
                assertTrue(client.isEnded());
                stopping.join();
            }
        }
    }

    private static String tunnel(int upstream) {
        var file = PlainFile.of("", "connect_timeout: 20s", upstream);
        int from = file.indexOf("      - name: http\n");
        int to = file.indexOf("  clusters:");
        return file.substring(0, from) + """
                      - name: tcp
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                          stat_prefix: out
                          cluster: app
                """ + file.substring(to);
    }
}
