// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import com.google.protobuf.MessageLite;
import io.countersign.agent.Eventually;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process that calls the Workload API without a library; {@code caller.pl} says what it can do and prints. */
final class RawCaller implements AutoCloseable {
    private final Process process;
    private final Path go;
    /** A file, because Java gives up reading from a process that has ended, while its child still speaks. */
    private final Path said;

    private int read;

    private RawCaller(Process process, Path go, Path said) {
        this.process = process;
        this.go = go;
        this.said = said;
    }

    /** @param words behind the socket */
    static RawCaller start(Path folder, String... words) throws IOException {
        return start(folder, "agent.sock", Map.of(), words);
    }

    /** Calls another method of another socket in the folder, with this message. */
    static RawCaller start(
            Path folder, String socketName, MethodDescriptor<?, ?> method, MessageLite message, String... words)
            throws IOException {
        return start(
                folder,
                socketName,
                Map.of(
                        "CALLER_METHOD",
                        "/" + method.getFullMethodName(),
                        "CALLER_MESSAGE",
                        HexFormat.of().formatHex(message.toByteArray())),
                words);
    }

    /**
     * Runs it from a file system that answers nothing more as soon as the file {@code hang} was there, and then takes it
     * away; the only line is NONE if this machine lets no such one be made.
     */
    static RawCaller onItsOwnFileSystem(Path folder, Path hang, String... words) throws IOException {
        var mounted = Files.createDirectory(folder.resolve("mounted"));
        var command = List.of("perl", script(folder, "hung.pl"), mounted.toString(), hang.toString());
        return start(folder, "agent.sock", Map.of(), command, words);
    }

    private static RawCaller start(Path folder, String socketName, Map<String, String> environment, String... words)
            throws IOException {
        return start(folder, socketName, environment, List.of("perl"), words);
    }

    private static String script(Path folder, String name) throws IOException {
        try (var source = RawCaller.class.getResourceAsStream(name)) {
            if (source == null) {
                throw new IOException(name + " is missing");
            }
            return Files.write(folder.resolve(name), source.readAllBytes()).toString();
        }
    }

    private static RawCaller start(
            Path folder, String socketName, Map<String, String> environment, List<String> perl, String... words)
            throws IOException {
        var socket = folder.resolve(socketName).toString();
        var said = Files.createTempFile(folder, "said", ".txt");
        var line = new ArrayList<>(perl);
        line.addAll(List.of(script(folder, "caller.pl"), socket));
        line.addAll(List.of(words));
        var builder = new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(said.toFile());
        builder.environment().putAll(environment);
        return new RawCaller(builder.start(), Path.of(socket + ".go"), said);
    }

    /** The next line; waits for it. */
    String line() throws IOException {
        int wanted = read++;
        Eventually.holds("line " + wanted + " of the caller", () -> lines().size() > wanted);
        return lines().get(wanted);
    }

    private List<String> lines() throws IOException {
        var text = Files.readString(said);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    /** Lets one ask that waits for it. */
    void letAsk() throws IOException {
        Files.createFile(go);
    }

    int pid() {
        return Math.toIntExact(process.pid());
    }

    void await() throws InterruptedException {
        process.waitFor(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
    }
}
