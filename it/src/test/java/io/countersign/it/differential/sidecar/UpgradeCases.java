// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import java.io.IOException;
import java.util.List;

/** Connections that are to change to another protocol. */
// where lines end is what these are about
@SuppressWarnings("StringConcatToTextBlock")
final class UpgradeCases {
    private static final String WEB_SOCKET = "connection: Upgrade\nupgrade: websocket\n"
            + "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\nsec-websocket-version: 13\n";

    private UpgradeCases() {}

    static List<Case> all() {
        return List.of(
                Case.of("upgrade: consented", sidecar -> talk(sidecar, "/upgraded", "websocket")),
                answered("declined by the program", "/upgraded", WEB_SOCKET),
                answered("of a protocol that is not named", "/upgraded", WEB_SOCKET.replace("websocket", "other")),
                answered("of a route that does not name it", "/endless", WEB_SOCKET),
                answered("that the connection header does not name", "/upgraded", "upgrade: websocket\n"),
                answered("to HTTP/2", "/upgraded", "connection: Upgrade\nupgrade: h2c\nhttp2-settings: AAMAAABk\n"));
    }

    private static HttpCase answered(String name, String path, String headers) {
        return HttpCase.plain(
                "upgrade: " + name, "plain", "GET " + path + " HTTP/1.1\nhost: app.test\n" + headers + "\n");
    }

    /** The program greets, says back one word and leaves. */
    private static Answer talk(Running sidecar, String path, String what) throws IOException {
        try (var client = Client.plain(sidecar.port("plain"))) {
            client.send("GET " + path + " HTTP/1.1\nhost: app.test\nx-do: " + what + "\n" + WEB_SOCKET + "\n");
            var answer = client.head();
            client.send("word\n");
            answer = answer.with("said", client.readToTheEnd());
            return HttpCase.withLine(answer, "log", sidecar.nextLine("plain"));
        }
    }
}
