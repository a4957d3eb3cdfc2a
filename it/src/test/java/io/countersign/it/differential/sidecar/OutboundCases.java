// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/** From plain to mutual TLS, and bytes that are no HTTP. */
final class OutboundCases {
    private OutboundCases() {}

    static List<Case> all(Ground ground) {
        var cases = new ArrayList<Case>();
        for (var route :
                List.of("good", "wrong-name", "foreign", "expired", "unencrypted", "anonymous", "dns-name", "tls13")) {
            cases.add(HttpCase.plain(
                    "outbound: " + route, "outbound", "GET /" + route + " HTTP/1.1\nhost: app.test\n\n"));
        }
        cases.add(HttpCase.plain(
                "outbound: wrong-name, gRPC",
                "outbound",
                "POST /wrong-name HTTP/1.1\nhost: a\ncontent-type: application/grpc\ncontent-length: 0\n\n"));
        cases.addAll(tcp(ground));
        return cases;
    }

    private static List<Case> tcp(Ground ground) {
        var frontend = ground.mint(Ground.FRONTEND).context();
        var other = ground.mint("spiffe://example.org/other").context();
        return List.of(
                Case.of(
                        "TCP: both ways, ended by the server",
                        sidecar -> talk(Client.plain(sidecar.port("tcp-plain")), sidecar, "tcp-plain", "a\nbye\n")),
                Case.of(
                        "TCP: reset by the server",
                        sidecar -> talk(Client.plain(sidecar.port("tcp-plain")), sidecar, "tcp-plain", "a\ndrop\n")),
                Case.of(
                        "TCP: half closed by the client",
                        sidecar -> half(Client.plain(sidecar.port("tcp-plain")), sidecar, "tcp-plain")),
                Case.of(
                        "TCP: connection refused",
                        sidecar -> talk(Client.plain(sidecar.port("tcp-refused")), sidecar, "tcp-refused", "")),
                Case.of("TCP: idle", sidecar -> talk(Client.plain(sidecar.port("tcp-idle")), sidecar, "tcp-idle", "")),
                Case.of(
                        "TCP: wrong name of the server",
                        sidecar -> talk(Client.plain(sidecar.port("tcp-wrong")), sidecar, "tcp-wrong", "")),
                Case.of(
                        "TCP: HTTP to the right server",
                        sidecar -> talk(
                                Client.plain(sidecar.port("tcp-out")),
                                sidecar,
                                "tcp-out",
                                "GET / HTTP/1.1\nhost: a\nx-do: close-header\n\n")),
                secure("TCP over mTLS: the right identity", frontend, "tcp-in", "a\nbye\n"),
                Case.of(
                        "TCP over mTLS: half closed by the client",
                        sidecar -> half(Client.secure(sidecar.port("tcp-in"), frontend), sidecar, "tcp-in")),
                Case.of(
                        "TCP over mTLS: another identity",
                        sidecar -> refused(Client.secure(sidecar.port("tcp-in"), other))),
                secure("TCP over mTLS: allowed by network rules", frontend, "tcp-rbac", "a\nbye\n"));
    }

    private static Case secure(String name, SSLContext client, String listener, String text) {
        return Case.of(name, sidecar -> talk(Client.secure(sidecar.port(listener), client), sidecar, listener, text));
    }

    private static Answer talk(Client client, Running sidecar, String log, String text) throws IOException {
        Answer answer;
        try (client) {
            if (!text.isEmpty()) {
                client.send(text);
            }
            answer = Answer.empty().with("said", Normal.text(client.readToTheEnd()));
        }
        return HttpCase.withLine(answer, "log", sidecar.nextLine(log));
    }

    private static Answer refused(Client client) throws IOException {
        try (client) {
            return Answer.empty().with("said", client.readToTheEnd());
        }
    }

    private static Answer half(Client client, Running sidecar, String listener) throws IOException {
        Answer answer;
        try (client) {
            client.send("a\n");
            var first = client.read("hello\nA\r\n".length());
            client.endOutput();
            answer = Answer.empty().with("first", first).with("then", client.readToTheEnd());
        }
        return HttpCase.withLine(answer, "log", sidecar.nextLine(listener));
    }
}
