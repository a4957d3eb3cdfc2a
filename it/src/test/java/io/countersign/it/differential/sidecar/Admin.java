// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import io.countersign.it.process.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** What the admin listener of one sidecar says, without the headers, which are compared elsewhere. */
final class Admin {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Admin() {}

    static Answer get(Running sidecar, String path) throws IOException {
        return asked(sidecar, "GET " + path, "", text -> text);
    }

    static Answer post(Running sidecar, String path) throws IOException {
        return asked(sidecar, "POST " + path, "", text -> text);
    }

    /** @param normal makes the body comparable */
    static Answer asked(Running sidecar, String request, String headers, UnaryOperator<String> normal)
            throws IOException {
        try (var client = Client.plain(sidecar.port("admin"))) {
            client.send(request + " HTTP/1.1\nhost: admin\n" + headers + "\n");
            var all = client.page(false, normal).fields();
            return Answer.empty()
                    .with("status", String.valueOf(all.get("status")))
                    .with("body", String.valueOf(all.get("body")));
        }
    }

    static void awaitActive(Running sidecar, String cluster) {
        Await.until(
                PATIENCE,
                "nothing is under way to " + cluster,
                () -> sidecar.get("/clusters")
                        .lines()
                        .anyMatch(
                                line -> line.startsWith(cluster + "::127.0.0.1:") && line.endsWith("::rq_active::1")));
    }

    /** @param value a regular expression that the whole number matches */
    static void awaitCount(Running sidecar, String counter, String value) {
        var line = Pattern.compile(Pattern.quote(counter) + ": (" + value + ")");
        Await.until(
                PATIENCE,
                counter + " does not become " + value,
                () -> sidecar.get("/stats")
                        .lines()
                        .anyMatch(one -> line.matcher(one).matches()));
    }
}
