// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.it.differential.Answer;
import io.countersign.it.differential.MeasuredPage;
import io.countersign.it.process.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Floods of HTTP/2 and slow heads of HTTP/1.1, to ours and to Envoy with no limit set in the file: the connection is ended or no
 * longer read, and meanwhile others are answered.
 */
@Tag("foreign")
class FloodTest {
    private static final int STREAMS = 4000;
    private static final int SLOW = 200;
    private static final Duration LONGEST_HEAD = Duration.ofSeconds(25);
    private static final int FRAMES = 1_000_000;
    private static final Set<String> GIVEN_UP = Set.of(Flood.ENDED, Flood.UNREAD);
    private static final String[] REQUEST = {":method", "GET", ":scheme", "http", ":authority", "app.test", ":path", "/"
    };

    @TempDir
    static Path folder;

    private static List<Case> cases() {
        var begin = Http2Bytes.begin().letters();
        return List.of(
                new Flood("rapid reset", begin, FloodTest::openedAndReset, STREAMS),
                new Flood(
                        "CONTINUATION",
                        begin
                                + Http2Bytes.more()
                                        .frame(Http2Bytes.HEADERS, 0, 1, Http2Bytes.block(REQUEST))
                                        .letters(),
                        i -> frame(Http2Bytes.CONTINUATION, 0, 1, Http2Bytes.block("x-" + i, "b")),
                        STREAMS),
                new Flood(
                        "CONTINUATION with nothing in it",
                        begin
                                + Http2Bytes.more()
                                        .frame(Http2Bytes.HEADERS, 0, 1, Http2Bytes.block(REQUEST))
                                        .letters(),
                        i -> frame(Http2Bytes.CONTINUATION, 0, 1, new byte[0]),
                        STREAMS),
                new Flood("SETTINGS", begin, i -> frame(Http2Bytes.SETTINGS, 0, 0, new byte[0]), FRAMES),
                new Flood("PING", begin, i -> frame(Http2Bytes.PING, 0, 0, new byte[8]), FRAMES),
                new Flood(
                        "DATA with nothing in it",
                        begin + Http2Bytes.more().head(1, false, REQUEST).letters(),
                        i -> frame(Http2Bytes.DATA, 0, 1, new byte[0]),
                        FRAMES),
                Case.of(SLOW + " heads of HTTP/1.1, letter by letter", FloodTest::slowHeads));
    }

    @Test
    void connectionIsGivenUpAndOthersAreAnswered() throws Exception {
        var answers = new LinkedHashMap<String, Pair.Answered>();
        try (var program = Witness.open();
                var pair = start(program)) {
            for (var one : cases()) {
                answers.put(one.name(), pair.ask(one));
            }
        }
        assertAll(answers.entrySet().stream().map(answer -> () -> {
            var ours = answer.getValue().ours().fields();
            assertTrue(GIVEN_UP.contains(ours.get("connection")), answer::toString);
            assertEquals(Flood.ANSWERED, ours.get("others"), answer::toString);
        }));
        var table = new StringBuilder("| client | Envoy | ours |\n|---|---|---|\n");
        answers.forEach((name, both) ->
                table.append("| %s | %s | %s |\n".formatted(name, words(both.original()), words(both.ours()))));
        MeasuredPage.SMUGGLING.write("floods", table.toString());
    }

    private static String words(Answer answer) {
        return answer.fields().get("connection") + "; another is "
                + answer.fields().get("others");
    }

    private static Pair start(Witness program) throws Exception {
        return Pair.start(
                folder,
                SidecarDifferentialTest.resource("http2-conformance.yaml"),
                Map.of("program", String.valueOf(program.port())));
    }

    /** Many clients, each with one letter after the other of a header that never ends. */
    private static Answer slowHeads(Running sidecar) throws Exception {
        try (var closing = new Closing()) {
            var open = new ArrayList<Socket>();
            for (int i = 0; i < SLOW; i++) {
                var socket = closing.add(new Socket(InetAddress.getLoopbackAddress(), sidecar.port("plain")));
                socket.getOutputStream()
                        .write("GET / HTTP/1.1\r\nhost: app.test\r\nx-a: ".getBytes(StandardCharsets.US_ASCII));
                open.add(socket);
            }
            var others = Flood.askAnother(sidecar);
            try {
                Await.until(LONGEST_HEAD, "heads are waited for", () -> {
                    open.removeIf(FloodTest::isEnded);
                    return open.isEmpty();
                });
            } catch (AssertionError e) {
                // how many are still open is what is told
            }
            return Answer.empty()
                    .with("connection", open.isEmpty() ? Flood.ENDED : open.size() + " of " + SLOW + " open after 25 s")
                    .with("others", others);
        }
    }

    private static boolean isEnded(Socket socket) {
        try {
            socket.getOutputStream().write('a');
            return socket.getInputStream().available() > 0;
        } catch (IOException e) {
            return true;
        }
    }

    private static String openedAndReset(int i) {
        int stream = 2 * i + 1;
        return Http2Bytes.more().head(stream, true, REQUEST).reset(stream).letters();
    }

    private static String frame(int type, int flags, int stream, byte[] payload) {
        return Http2Bytes.more().frame(type, flags, stream, payload).letters();
    }
}
