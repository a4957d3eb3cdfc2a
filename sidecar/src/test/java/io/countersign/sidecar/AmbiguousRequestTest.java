// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests that a program behind the sidecar may read in another way than the sidecar does. */
@Timeout(60)
// where lines end is what these are about
@SuppressWarnings("StringConcatToTextBlock")
class AmbiguousRequestTest {
    private static final int PROTOCOL_ERROR = 1;
    /** {@code POST http://a/} in HPACK. */
    private static final byte[] POST = {(byte) 0x83, (byte) 0x86, (byte) 0x84, 0x41, 1, 'a'};
    /** Its name, of which the length and the letters of its value follow. */
    private static final byte[] CONTENT_LENGTH = {0x0f, 0x0d};

    @TempDir
    Path folder;

    private Hop hop;
    private int port;

    @BeforeEach
    void start() throws Exception {
        hop = new Hop(folder, Hop::echoHeaders);
        var file = PlainFile.of(
                "timeout: 20s", "connect_timeout: 20s", hop.app.getAddress().getPort());
        port = hop.start(file, text -> text).address("outbound").orElseThrow().getPort();
    }

    @AfterEach
    void stop() {
        hop.close();
    }

    /** The first words of the answer. */
    private String ask(String request) throws IOException {
        try (var client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.setSoTimeout(20_000);
            client.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(client.getInputStream().readNBytes("HTTP/1.1 200".length()), StandardCharsets.US_ASCII);
        }
    }

    private String post(String size) throws IOException {
        return ask("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n" + size + "\r\nab\r\n0\r\n\r\n");
    }

    @Test
    void sizeOfAChunkIsANumberAndNothingElse() {
        assertAll(
                () -> assertEquals("HTTP/1.1 400", post(" 2")),
                () -> assertEquals("HTTP/1.1 400", post("\t2")),
                () -> assertEquals("HTTP/1.1 400", post("2\u000b")),
                () -> assertEquals("HTTP/1.1 400", post("2\u0000")),
                () -> assertEquals("HTTP/1.1 200", post("2 ")),
                () -> assertEquals("HTTP/1.1 200", post("02;x=y")));
    }

    @Test
    void requestBeginsWithItsMethodAndEndsWithItsProtocol() {
        assertAll(
                () -> assertEquals("HTTP/1.1 400", ask(" GET / HTTP/1.1\r\nhost: a\r\n\r\n")),
                () -> assertEquals("HTTP/1.1 400", ask("GET / http/1.1\r\nhost: a\r\n\r\n")),
                () -> assertEquals("HTTP/1.1 200", ask("\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n")));
    }

    @Test
    void lengthIsSaidOnceInHttp2() throws Exception {
        try (var client = new RawHttp2(port)) {
            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, withLengths("0", "0"));
            assertEquals(
                    PROTOCOL_ERROR, client.next(RawHttp2.RST_STREAM).payload().getInt(0));

            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 3, withLengths("0, 0"));
            assertEquals(
                    PROTOCOL_ERROR, client.next(RawHttp2.RST_STREAM).payload().getInt(0));

            client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 5, withLengths("0"));
            assertTrue(client.next(RawHttp2.HEADERS).isOk());
        }
    }

    private static byte[] withLengths(String... lengths) {
        var head = new ByteArrayOutputStream();
        head.writeBytes(POST);
        for (var length : lengths) {
            head.writeBytes(CONTENT_LENGTH);
            head.write(length.length());
            head.writeBytes(length.getBytes(StandardCharsets.US_ASCII));
        }
        return head.toByteArray();
    }
}
