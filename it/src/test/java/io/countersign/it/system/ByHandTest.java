// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.countersign.it.process.Await;
import io.countersign.it.process.Daemon;
import io.countersign.it.process.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code countersign up --print-config}: somebody starts each part himself, with what was written. */
class ByHandTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    /** So many characters of what they say are shown at most. */
    private static final int SAID = 20_000;

    private static final Pattern PORT = Pattern.compile(" PORT=([0-9]+) ");
    private static final Pattern DATABASE = Pattern.compile(" DB_PORT=([0-9]+) ");

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
            int port = number(PORT, scripts.getLast());
            Await.until(PATIENCE, "the demo does not work", () -> {
                Judge.assertProven(JsonParser.parseString(demo(port)).getAsJsonObject());
                return true;
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; the parts have said: " + said(started), e);
        } finally {
            for (var daemon : started) {
                daemon.close();
            }
            new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
        }
    }

    private static String said(Deque<Daemon> started) throws IOException {
        if (started.isEmpty()) {
            return "nothing";
        }
        var log = started.peek().log();
        return log.substring(Math.max(0, log.length() - SAID));
    }

    private static List<Path> print(Path folder) throws Exception {
        var command = RunningSystem.command(folder);
        command.set(command.indexOf("--dir"), "--print-config");
        var outcome = Outcome.of(Map.of(), command);
        assertEquals(0, outcome.code(), outcome::err);
        return outcome.out().lines().skip(1).map(Path::of).toList();
    }

    /** PostgreSQL ends at once without the files that its helper writes, the backend also without PostgreSQL. */
    private static void awaitWhatItNeeds(Path script) throws IOException {
        if (script.endsWith("postgres/start") || script.endsWith("backend/start")) {
            var certificate = script.resolveSibling("certs/svid.pem");
            Await.until(PATIENCE, "there is no " + certificate, () -> Files.exists(certificate));
        }
        if (script.endsWith("backend/start")) {
            int database = number(DATABASE, script);
            Await.until(PATIENCE, "no PostgreSQL on port " + database, () -> {
                new Socket(InetAddress.getLoopbackAddress(), database).close();
                return true;
            });
        }
    }

    private static int number(Pattern which, Path script) throws IOException {
        var found = which.matcher(Files.readString(script));
        assertTrue(found.find(), script::toString);
        return Integer.parseInt(found.group(1));
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
