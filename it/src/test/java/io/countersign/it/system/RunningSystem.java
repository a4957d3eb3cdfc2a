// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.countersign.it.process.Programs;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The whole system as a user has it: started by the distribution's script, on ports that were free. */
final class RunningSystem implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("(http://127\\.0\\.0\\.1:[0-9]+) is ready");
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final List<String> PORT_FLAGS = List.of(
            "--port",
            "--frontend-sidecar-port",
            "--frontend-sidecar-admin-port",
            "--backend-sidecar-port",
            "--backend-sidecar-admin-port",
            "--backend-port",
            "--postgres-port",
            "--server-port",
            "--intruder-port");

    final Path folder;
    private final Process process;
    private final Path log;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(20))
            .build();
    private final String address;

    private RunningSystem(Path folder, Process process, Path log) throws IOException {
        this.folder = folder;
        this.process = process;
        this.log = log;
        this.address = awaitAddress();
    }

    /** The command, with a folder of its own and free ports. */
    static List<String> command(Path folder, String... more) {
        var command = new ArrayList<>(List.of(Programs.COUNTERSIGN.toString(), "up", "--dir", folder.toString()));
        PORT_FLAGS.forEach(flag -> command.addAll(List.of(flag, "0")));
        command.addAll(List.of(more));
        return command;
    }

    /** A new folder that others may pass through, with a path short enough for sockets. */
    static Path newFolder() throws IOException {
        var folder = Files.createTempDirectory("cs");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        return folder;
    }

    /** Returns when the page can be opened. */
    static RunningSystem start(String... more) throws IOException {
        return start(newFolder(), more);
    }

    static RunningSystem start(Path folder, String... more) throws IOException {
        return start(folder, Map.of(), more);
    }

    /** @param environment what the parts find in theirs, beside what they are told */
    static RunningSystem start(Path folder, Map<String, String> environment, String... more) throws IOException {
        var log = folder.resolve("up.log");
        var builder = new ProcessBuilder(command(folder.resolve("state"), more))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        var process = builder.start();
        try {
            return new RunningSystem(folder, process, log);
        } catch (IOException e) {
            process.destroy();
            throw e;
        }
    }

    private String awaitAddress() throws IOException {
        var end = Instant.now().plus(PATIENCE);
        while (true) {
            var said = log();
            var found = ADDRESS.matcher(said);
            if (found.find()) {
                return found.group(1);
            }
            if (!process.isAlive() || Instant.now().isAfter(end)) {
                throw new IOException("the system is not there: " + log());
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    String address() {
        return address;
    }

    Path state() {
        return folder.resolve("state");
    }

    /** One run of the demo; throws if it is not answered with JSON. */
    JsonObject demo() throws IOException, InterruptedException {
        return ask(HttpRequest.newBuilder(URI.create(address + "/api/demo"))).getAsJsonObject();
    }

    JsonArray breakIns() throws IOException, InterruptedException {
        return ask(HttpRequest.newBuilder(URI.create(address + "/api/break-in"))
                        .POST(HttpRequest.BodyPublishers.noBody()))
                .getAsJsonArray();
    }

    private JsonElement ask(HttpRequest.Builder request) throws IOException, InterruptedException {
        var response = http.send(request.timeout(Duration.ofSeconds(40)).build(), HttpResponse.BodyHandlers.ofString());
        try {
            return JsonParser.parseString(response.body());
        } catch (com.google.gson.JsonParseException e) {
            throw new IOException(response.statusCode() + ": " + response.body(), e);
        }
    }

    /** Whether both patterns succeed right now. */
    boolean works() throws InterruptedException {
        try {
            var demo = demo();
            return Judge.succeeds(demo, "frontend_to_backend") && Judge.succeeds(demo, "backend_to_database");
        } catch (IOException | IllegalStateException e) {
            return false;
        }
    }

    /** The process that is this part, such as {@code backend-sidecar} or {@code postgres}. */
    ProcessHandle part(String name) {
        return process.descendants()
                .filter(child -> isPart(child.info(), name))
                // PostgreSQL's own children are younger
                .min(Comparator.comparingLong(ProcessHandle::pid))
                .orElseThrow(() -> new IllegalStateException("no process is " + name));
    }

    /** Ours is told by its name for itself, an original by its configuration file. */
    private static boolean isPart(ProcessHandle.Info info, String name) {
        if (name.equals("postgres")) {
            return info.command()
                    .filter(program -> program.endsWith("bin/postgres"))
                    .isPresent();
        }
        return info.arguments()
                .filter(words -> List.of(words).contains("-Dcountersign.part=" + name)
                        || Stream.of(words).anyMatch(word -> word.contains("/state/" + name + "/")))
                .isPresent();
    }

    /** Every process that belongs to it. */
    List<ProcessHandle> processes() {
        return process.descendants().toList();
    }

    /** Ends it as Ctrl-C does and gives its exit code. */
    int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        return process.exitValue();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        stop();
        http.close();
        new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
    }
}
