// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.helper;

import io.countersign.it.differential.Answer;
import io.countersign.it.process.Await;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Side;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** One helper of one side, in a folder of its own: {@code in} is what it is given, {@code out} its certificate folder. */
final class HelperProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Side side;
    private final int uid;
    private final Path folder;
    private final int port;
    private final Process process;
    private final Map<String, String> noted = new TreeMap<>();

    private HelperProcess(Side side, int uid, Path folder, int port, Process process) {
        this.side = side;
        this.uid = uid;
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    /** Starts the helper of a case; its folder has been made. */
    static HelperProcess start(Side side, HelperCase what, Path folder, Path agent, int port) throws IOException {
        var macros = Map.of(
                "@AGENT@", agent.toString(),
                "@DIR@", folder.toString(),
                "@PORT@", String.valueOf(port),
                "@TAKEN@", String.valueOf(HealthCases.takenPort()));
        Files.writeString(folder.resolve("in/helper.conf"), replaced(what.conf(), macros));
        int uid = Users.of(side, what.uid());
        for (var file : what.given().entrySet()) {
            var path = Files.writeString(folder.resolve(file.getKey()), "before");
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(file.getValue()));
            Files.setAttribute(path, "unix:uid", uid);
        }
        var command = new ArrayList<>(Users.command(uid));
        command.addAll(side.command(
                Side.Part.HELPER,
                what.flags().stream().map(flag -> replaced(flag, macros)).toList()));
        var builder = new ProcessBuilder(command)
                .directory(folder.resolve("out").toFile())
                .redirectOutput(folder.resolve("in/stdout").toFile())
                .redirectError(folder.resolve("in/stderr").toFile());
        what.environment().forEach((name, value) -> builder.environment().put(name, replaced(value, macros)));
        return new HelperProcess(side, uid, folder, port, builder.start());
    }

    private static String replaced(String text, Map<String, String> macros) {
        var result = text;
        for (var macro : macros.entrySet()) {
            result = result.replace(macro.getKey(), macro.getValue());
        }
        return result;
    }

    Path folder() {
        return folder;
    }

    int port() {
        return port;
    }

    /** Something that was seen while it ran, as a field of the answer. */
    void note(String field, Object value) {
        noted.put(field, String.valueOf(value));
    }

    /** Waits until a line of its log has each of these messages, in full or up to a colon. */
    void awaitSaid(String... messages) {
        for (var message : messages) {
            Await.until(
                    PATIENCE,
                    side + " does not say \"" + message + "\" but " + said(),
                    () -> said().stream().anyMatch(line -> line.message().equals(message)));
        }
    }

    /** Waits until it has said this so many times. */
    void awaitSaid(int times, String message) {
        Await.until(
                PATIENCE,
                side + " does not say \"" + message + "\" often enough but " + said(),
                () -> said().stream()
                                .filter(line -> line.message().equals(message))
                                .count()
                        >= times);
    }

    private List<LogLine> said() {
        try {
            return LogLine.all(side, Files.readString(folder.resolve("in/stderr")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitEnd() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError(side + " does not end; it has said " + said());
        }
    }

    /** SIGTERM, and what that leads to. */
    void stop() throws InterruptedException {
        process.destroy();
        awaitEnd();
    }

    /** Until it has ended or said this. */
    void awaitEndOr(String message) {
        Await.until(
                PATIENCE,
                side + " goes on without \"" + message + "\": " + said(),
                () -> !process.isAlive()
                        || said().stream().anyMatch(line -> line.message().equals(message)));
    }

    /** Another signal than SIGTERM, and what that leads to. */
    void signal(String name) throws IOException, InterruptedException {
        Outcome.of(Map.of(), List.of("kill", "-" + name, String.valueOf(process.pid())));
        awaitEnd();
    }

    int uid() {
        return uid;
    }

    /** All that can be seen once it has ended. */
    Answer answer() throws IOException {
        var answer = Answer.empty()
                .with("exit", process.exitValue())
                .with("stdout", Normal.output(Files.readString(folder.resolve("in/stdout"))));
        answer = LogLine.describe(answer, side, Files.readString(folder.resolve("in/stderr")), folder);
        for (var note : noted.entrySet()) {
            answer = answer.with(note.getKey(), note.getValue());
        }
        return answer.with("files", WrittenFiles.describe(folder, uid));
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
