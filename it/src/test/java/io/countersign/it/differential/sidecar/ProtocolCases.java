// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static io.countersign.it.differential.sidecar.Routed.HOST;

import io.countersign.it.differential.Answer;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/** Listeners of one version of HTTP only, and connections over mutual TLS that change to another protocol. */
// where lines end is what these are about
@SuppressWarnings("StringConcatToTextBlock")
final class ProtocolCases {
    private static final int PATIENCE_MILLIS = 12_000;
    private static final String GET = "GET /" + HOST + "\n";
    /** The client ends the lines by itself, and there is no other. */
    private static final String PREFACE = Http2Bytes.begin().letters().replace("\r\n", "\n");

    private static final String WEB_SOCKET = "connection: Upgrade\nupgrade: websocket\n"
            + "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\nsec-websocket-version: 13\n";

    private final Routed routed;
    private final SSLContext frontend;
    private final SSLContext other;

    private ProtocolCases(Ground ground, Routed routed) {
        this.routed = routed;
        this.frontend = ground.mint(Ground.FRONTEND).context();
        this.other = ground.mint("spiffe://example.org/other").context();
    }

    static List<Case> all(Ground ground, Routed routed) {
        var cases = new ProtocolCases(ground, routed);
        return Stream.concat(
                        Stream.of("http1", "http1-small", "http2", "http2-small")
                                .flatMap(cases::codec),
                        cases.upgrades().stream())
                .toList();
    }

    private Stream<Case> codec(String listener) {
        var name = "codec: " + listener + ", asked in ";
        return listener.startsWith("http1")
                ? Stream.of(
                        routed.on(HttpCase.plain(name + "HTTP/1.1", listener, GET)),
                        routed.on(HttpCase.plain(name + "HTTP/2", listener, PREFACE)
                                .look(HttpCase.Look.AFTERWARDS)))
                : Stream.of(
                        routed.on(name + "HTTP/2", sidecar -> framed(sidecar, listener)),
                        routed.on(name + "HTTP/1.1", sidecar -> unframed(sidecar, listener)));
    }

    private static Http2Bytes get() {
        return Http2Bytes.begin()
                .head(1, true, ":method", "GET", ":scheme", "http", ":authority", "app.test", ":path", "/");
    }

    private static Answer framed(Running sidecar, String listener) throws IOException {
        var answer = frames(sidecar, listener, get().letters());
        return HttpCase.withLine(answer, "log", sidecar.nextLine(listener));
    }

    private static Answer unframed(Running sidecar, String listener) throws IOException {
        return frames(sidecar, listener, GET.replace("\n", "\r\n"))
                .with(
                        "errors",
                        Routed.counted(sidecar, "http\\." + listener + "\\.downstream_(cx_protocol_error|rq_total)"));
    }

    /** What is said to stream 1, after which the connection stays open; or a farewell, if there is one, and how it ends. */
    private static Answer frames(Running sidecar, String listener, String letters) throws IOException {
        var answer = Answer.empty();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), sidecar.port(listener))) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(letters.getBytes(StandardCharsets.ISO_8859_1));
            var in = new DataInputStream(socket.getInputStream());
            while (true) {
                var frame = Http2Bytes.read(in);
                if (frame.type() == Http2Bytes.HEADERS) {
                    return answer.with("status", frame.status().orElse("none"));
                }
                if (frame.type() == Http2Bytes.GOAWAY) {
                    answer = answer.with("goaway", frame.error());
                }
            }
        } catch (EOFException e) {
            return answer.with("end", "closed");
        }
    }

    private List<Case> upgrades() {
        return List.of(
                routed.on("upgrade over mTLS: of all routes", this::talk),
                routed.on(HttpCase.secure(
                                "upgrade over mTLS: not of this route",
                                "upgrades",
                                frontend,
                                "GET /kept" + HOST + WEB_SOCKET + "\n")
                        .look(HttpCase.Look.AFTERWARDS)),
                routed.on(HttpCase.secure(
                        "upgrade over mTLS: of another protocol",
                        "upgrades",
                        frontend,
                        "GET /" + HOST + WEB_SOCKET.replace("websocket", "other") + "\n")),
                routed.on("upgrade over mTLS: by another identity", this::refused));
    }

    private Answer talk(Running sidecar) throws IOException {
        try (var client = Client.secure(sidecar.port("upgrades"), frontend)) {
            client.send("GET /" + HOST + "x-do: websocket\n" + WEB_SOCKET + "\n");
            var answer = client.head();
            client.send("word\n");
            answer = answer.with("said", client.readToTheEnd());
            return HttpCase.withLine(answer, "log", sidecar.nextLine("upgrades"));
        }
    }

    /** Nothing is asked: a connection that is closed with something unread is reset, and the alert may be lost. */
    private Answer refused(Running sidecar) throws IOException {
        try (var client = Client.secure(sidecar.port("upgrades"), other)) {
            return Answer.empty().with("said", client.readToTheEnd());
        } catch (IOException e) {
            return Answer.empty().with("said", Client.words(e));
        }
    }
}
