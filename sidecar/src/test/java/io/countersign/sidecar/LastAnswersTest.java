// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.countersign.launch.Closing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Answers that no program has to do with at the moment when a sidecar stops. */
@Timeout(60)
class LastAnswersTest {
    /** Longer than the tests take, also on a machine that stalls. */
    private static final int SECONDS = 15;
    /** More than sockets take of what nobody reads. */
    private static final int LONG = 6 << 20;
    /** A socket takes more by a megabyte at once; some answers end where their rest has to wait for the next. */
    private static final int LONGER = 100 << 10;

    private static final int READERS = 12;
    private static final int RECEIVED = 256 << 10;
    private static final int STEP = 32 << 10;
    private static final int WINDOW = 1000;

    @TempDir
    Path folder;

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    private static Sidecar start(Hop hop, String route) throws Exception {
        hop.drainSeconds = SECONDS;
        var file =
                PlainFile.of(route, "connect_timeout: 20s", hop.app.getAddress().getPort());
        return hop.start(file, text -> text);
    }

    /** Whether all that is left of answers is with the sidecar itself. */
    private static boolean isDone(Hop hop, Sidecar sidecar) throws Exception {
        return hop.admin(sidecar, "/stats").contains("http.out.downstream_rq_active: 0\n");
    }

    private static void giveAsMuchAsAskedFor(HttpExchange exchange) throws IOException {
        int length = Integer.parseInt(exchange.getRequestURI().getPath().substring(1));
        Hop.reply(exchange, 200, new byte[length]);
    }

    /** A client that reads no more than it is told to. */
    private static final class Slow implements AutoCloseable {
        private final Socket socket = new Socket();
        private final int length;
        private int heard;

        /** @param length of the answer that it asks for */
        Slow(int port, int length) throws IOException {
            this.length = length;
            socket.setReceiveBufferSize(RECEIVED);
            socket.setSoTimeout(20_000);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            var request = "GET /" + length + " HTTP/1.1\r\nhost: a\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            assertTrue(UpgradeTest.head(socket.getInputStream()).startsWith("HTTP/1.1 200 OK\r\n"));
        }

        void read(int most) throws IOException {
            heard += socket.getInputStream().readNBytes(Math.min(most, length - heard)).length;
        }

        void assertHearsTheRest() throws IOException {
            read(length);
            assertEquals(length, heard);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void isReadToItsEndBySomebodySlow() throws Exception {
        try (var hop = new Hop(folder, LastAnswersTest::giveAsMuchAsAskedFor);
                var closing = new Closing()) {
            var sidecar = start(hop, "timeout: 0s");
            int port = sidecar.address("outbound").orElseThrow().getPort();
            var readers = new ArrayList<Slow>();
            for (int i = 0; i < READERS; i++) {
                var reader = closing.add(new Slow(port, LONG + i * LONGER));
                readers.add(reader);
                while (!isDone(hop, sidecar)) {
                    reader.read(STEP);
                }
            }

            var stopping = Thread.ofVirtual().start(sidecar::close);

            // by then it would have cut off whom it does not wait for
            var _ = stopping.join(Duration.ofSeconds(1));
            for (var reader : readers) {
                reader.assertHearsTheRest();
            }
            assertTrue(stopping.join(Duration.ofSeconds(10)));
        }
    }

    @Test
    void isLetInByAStreamThatHadNoRoomForIt() throws Exception {
        byte[] answer = bytes(8 * WINDOW);
        try (var hop = new Hop(folder, exchange -> Hop.reply(exchange, 200, answer))) {
            var sidecar = start(hop, "");
            try (var client =
                    new RawHttp2(sidecar.address("outbound").orElseThrow().getPort())) {
                client.streamWindows(WINDOW);
                client.get(1);
                assertTrue(client.next(RawHttp2.HEADERS).isOk());
                hop.awaitStat(sidecar, "http.out.downstream_rq_active: 0");

                var stopping = Thread.ofVirtual().start(sidecar::close);

                assertFalse(stopping.join(Duration.ofSeconds(1)), "it has not waited");
                client.openWindows();
                assertArrayEquals(answer, body(client));
                assertTrue(stopping.join(Duration.ofSeconds(10)));
            }
        }
    }

    private static byte[] body(RawHttp2 client) throws IOException {
        var body = ByteBuffer.allocate(16 * WINDOW);
        RawHttp2.Frame frame;
        do {
            frame = client.next(RawHttp2.DATA);
            body.put(frame.payload());
        } while ((frame.flags() & RawHttp2.END_STREAM) == 0);
        return Arrays.copyOf(body.array(), body.position());
    }

    /** Fails at first, and sends nothing but heads. */
    private static HttpHandler failingOnce(AtomicInteger asked) {
        return exchange -> Hop.reply(exchange, asked.getAndIncrement() == 0 ? 503 : 200, new byte[0]);
    }

    @Test
    void comesAfterThePauseBeforeAnotherTry() throws Exception {
        var asked = new AtomicInteger();
        try (var hop = new Hop(folder, failingOnce(asked))) {
            var sidecar = start(
                    hop,
                    // somewhere within these
                    "retry_policy: {retry_on: 5xx, retry_back_off: {base_interval: 5s, max_interval: 5s}}");
            var answer = hop.client.sendAsync(hop.request(sidecar, "/").build(), BodyHandlers.discarding());
            Hop.await("the first try", () -> asked.get() == 1);

            sidecar.close();

            assertEquals(200, answer.get(20, TimeUnit.SECONDS).statusCode());
            assertEquals(2, asked.get());
        }
    }
}
