// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process that runs until it is stopped; what it says, on both streams, is in a file. */
public final class Daemon implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final Path log;

    private Daemon(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    public static Daemon start(Path log, List<String> command, Map<String, String> environment) throws IOException {
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        return new Daemon(builder.start(), log);
    }

    /** The same, once it is ready; it is stopped if it does not get there. */
    public static Daemon startReady(Path log, List<String> command, Await.Condition ready) throws Exception {
        var daemon = start(log, command, Map.of());
        try {
            Await.until(PATIENCE, command + " is not ready", () -> !daemon.isAlive() || ready.holds());
            if (!daemon.isAlive()) {
                throw new AssertionError(command + " has ended with " + daemon.process.exitValue());
            }
            return daemon;
        } catch (AssertionError e) {
            var said = daemon.log();
            daemon.close();
            throw new AssertionError(e.getMessage() + "; it has said: " + said, e);
        }
    }

    public String log() throws IOException {
        return Files.readString(log);
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it with SIGKILL and waits until it is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Waits until it ends by itself, and gives its exit code. */
    public int awaitEnd() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("process " + process.pid() + " does not end");
        }
        return process.exitValue();
    }

    /** Ends it with SIGTERM, or SIGKILL if that does not help. */
    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            kill();
        }
    }
}
