// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonParser;
import io.countersign.it.process.Await;
import io.countersign.it.process.Daemon;
import io.countersign.it.process.Outcome;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code countersign up --print-config}: somebody starts each part himself, with what was written. */
class ByHandTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern PORT = Pattern.compile(" PORT=([0-9]+) ");

    @Test
    void theScriptsStartTheWholeSystemInTheOrderTheyAreNamed() throws Exception {
        var folder = RunningSystem.newFolder();
        var started = new ArrayDeque<Daemon>();
        try {
            var scripts = print(folder.resolve("state"));
            assertEquals(11, scripts.size(), scripts::toString);
            for (var script : scripts) {
                if (script.endsWith("register")) {
                    Await.until(
                            PATIENCE,
                            "the server does not come",
                            () -> Files.exists(script.resolveSibling("server/private/api.sock")));
                    var outcome = Outcome.of(Map.of(), List.of(script.toString()));
                    assertEquals(0, outcome.code(), () -> outcome.err() + outcome.out());
                } else {
                    awaitWhatItNeeds(script);
                    started.push(Daemon.start(folder.resolve("log"), List.of(script.toString()), Map.of()));
                }
            }
            var port = PORT.matcher(Files.readString(scripts.getLast()));
            assertEquals(true, port.find());
            Await.until(PATIENCE, "the demo does not work; see " + folder, () -> {
                Judge.assertProven(JsonParser.parseString(demo(Integer.parseInt(port.group(1))))
                        .getAsJsonObject());
                return true;
            });
        } finally {
            for (var daemon : started) {
                daemon.close();
            }
            new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
        }
    }

    private static List<Path> print(Path folder) throws Exception {
        var command = RunningSystem.command(folder);
        command.set(command.indexOf("--dir"), "--print-config");
        var outcome = Outcome.of(Map.of(), command);
        assertEquals(0, outcome.code(), outcome::err);
        return outcome.out().lines().skip(1).map(Path::of).toList();
    }

    /** PostgreSQL ends at once without the files that its helper writes. */
    private static void awaitWhatItNeeds(Path script) {
        if (script.endsWith("postgres/start")) {
            Await.until(
                    PATIENCE,
                    "no certificate for PostgreSQL",
                    () -> Files.exists(script.resolveSibling("certs/svid.pem")));
        }
    }

    private static String demo(int port) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/demo"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
