// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.Stopping;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command line, and the program as a process of its own. */
@Timeout(60)
class SidecarMainTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void validateAcceptsAGoodFile() throws IOException {
        var file = file("");

        assertEquals(0, run("--mode", "validate", "-c", file.toString()), text(err));
        assertEquals("configuration '" + file + "' OK\n", text(out));
    }

    @Test
    void fileWithAnUnknownFieldIsRefusedWithItsLine() throws IOException {
        var file = file("hot_restart: {}\n");

        assertEquals(1, run("-c", file.toString()));
        assertTrue(text(err).startsWith(file + ":1: hot_restart: is not supported"), text(err));
    }

    @Test
    void startAndValidateSayTheSameOfEachFault() throws IOException {
        var file = file("hot_restart: {}\n");
        var faulty = Files.readString(file)
                .replace("require_client_certificate: true", "require_client_certificate: perhaps")
                .replace("normalize_path: true", "normalise_path: true");
        Files.writeString(file, faulty);

        assertEquals(1, run("-c", file.toString()));
        var told = text(err);
        err.reset();
        assertEquals(1, run("--mode", "validate", "-c", file.toString()));

        assertEquals(told, text(err));
        assertEquals("", text(out));
        var chain = "static_resources.listeners[0].filter_chains[0].";
        assertEquals(
                List.of(
                        file + ":1: hot_restart: is not supported by this sidecar; remove it",
                        file + ":" + lineOf(faulty, "require_client_certificate") + ": " + chain
                                + "transport_socket.typed_config.require_client_certificate: is \"perhaps\", expected true"
                                + " or false",
                        file + ":" + lineOf(faulty, "normalise_path") + ": " + chain
                                + "filters[0].typed_config.normalise_path: is not supported by this sidecar; did you mean"
                                + " normalize_path?"),
                told.lines().toList());
    }

    private static long lineOf(String text, String part) {
        return text.substring(0, text.indexOf(part)).lines().count();
    }

    @Test
    void unknownFlagIsRefusedByName() {
        assertEquals(1, run("-c", "x.yaml", "--restart-epoch", "1"));
        assertTrue(text(err).startsWith("--restart-epoch is not supported"), text(err));
    }

    @Test
    void termEndsAProcessThatStillWaitsForItsAgent() throws Exception {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "--enable-native-access=ALL-UNNAMED",
                        SidecarMain.class.getName(),
                        "-c",
                        file("").toString())
                .redirectErrorStream(true)
                .start();
        try (var lines = process.inputReader()) {
            String line;
            do {
                line = lines.readLine();
            } while (line != null && !line.contains("stream of secrets ended"));
            assertTrue(line != null, "the agent's absence was never said");

            process.destroy();

            assertTrue(process.waitFor(30, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    /** The backend's file, for an agent that is not there. */
    private Path file(String before) throws IOException {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            return Files.writeString(folder.resolve("envoy.yaml"), before + hop.backendFile("a"));
        }
    }

    private int run(String... arguments) {
        return SidecarMain.run(List.of(arguments), new Stopping(), new PrintStream(out), new PrintStream(err));
    }

    private static String text(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8);
    }
}
