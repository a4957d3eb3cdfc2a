// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.process;

import io.countersign.stack.Progress;
import io.countersign.stack.StackException;
import io.countersign.stack.layout.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Starts parts, starts again those that end, and stops all of them in reverse order. Children follow this process however
 * it ends: the kernel sends them a signal when the thread that has started them is gone, so one thread starts them all and
 * lives as long as this. Thread-safe.
 */
public final class Supervisor implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final int LOG_LINES = 5;

    private final Progress progress;
    private final Duration stopPatience;
    private final ExecutorService starter = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("starter").factory());
    private final Deque<RunningPart> running = new ArrayDeque<>();
    private boolean stopping;

    /** @param stopPatience how long a part may take to stop before it is killed */
    public Supervisor(Progress progress, Duration stopPatience) {
        this.progress = progress;
        this.stopPatience = stopPatience;
    }

    /**
     * Starts a part and waits until it is ready.
     *
     * @throws StackException if it ends or is not ready within a minute, with the end of its log
     */
    public void start(Part part) throws Exception {
        var begun = Instant.now();
        var started = launch(part);
        await(started);
        progress.ready(part.role(), Duration.between(begun, Instant.now()));
        Thread.ofVirtual().name("watching " + part.role().part()).start(() -> watch(started));
    }

    private RunningPart launch(Part part) throws Exception {
        part.beforeStart().run();
        synchronized (this) {
            if (stopping) {
                throw new StackException(part.role() + " is not started: everything is being stopped");
            }
            var started = new RunningPart(part, spawn(part));
            running.push(started);
            return started;
        }
    }

    private Process spawn(Part part) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        // its own session, so that Ctrl-C reaches it through us, in order
        command.add("setsid");
        command.addAll(part.account().map(account -> account.prefix()).orElse(List.of("setpriv")));
        command.add("--pdeathsig=" + part.stopSignal());
        command.addAll(part.command());
        var builder = new ProcessBuilder(command).directory(part.folder().toFile());
        builder.environment().putAll(part.environment());
        builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(part.log().toFile()));
        try {
            var process = starter.submit(builder::start).get();
            process.getOutputStream().close();
            return process;
        } catch (ExecutionException e) {
            throw new StackException(
                    part.role() + " cannot be started: " + e.getCause() + "; it needs setsid and setpriv of util-linux",
                    e);
        }
    }

    private void await(RunningPart started) throws IOException {
        var part = started.part();
        var end = Instant.now().plus(PATIENCE);
        while (!part.ready().isReady()) {
            if (!started.process().isAlive()) {
                throw new StackException(
                        part.role() + " has ended with " + started.process().exitValue() + logOf(part));
            }
            if (Instant.now().isAfter(end)) {
                throw new StackException(
                        part.role() + " is not ready after " + PATIENCE.toSeconds() + " s" + logOf(part));
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    private static String logOf(Part part) throws IOException {
        var lines = Files.exists(part.log()) ? Files.readAllLines(part.log()) : List.<String>of();
        var last = lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size());
        return "; its log " + part.log() + " ends with:\n  " + String.join("\n  ", last);
    }

    /** Waits until it ends and starts it again, for as long as nobody wants everything to stop. */
    private void watch(RunningPart first) {
        var current = first;
        var backOff = new BackOff();
        while (true) {
            try {
                int code = current.process().waitFor();
                if (!ended(current)) {
                    return;
                }
                progress.note(current.part().role() + " has ended with " + code + " and is started again");
                current = again(current.part(), backOff);
                progress.note(current.part().role() + " is ready again");
            } catch (InterruptedException e) {
                return;
            } catch (StoppingException e) {
                return;
            }
        }
    }

    private RunningPart again(Part part, BackOff backOff) throws InterruptedException {
        while (true) {
            backOff.pause();
            if (isStopping()) {
                throw new StoppingException();
            }
            try {
                var started = launch(part);
                await(started);
                return started;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                if (isStopping()) {
                    throw new StoppingException();
                }
                progress.note(String.valueOf(e.getMessage()));
            }
        }
    }

    private static final class StoppingException extends RuntimeException {}

    private synchronized boolean isStopping() {
        return stopping;
    }

    /** Takes it off the list; false if everything is being stopped. */
    private synchronized boolean ended(RunningPart part) {
        running.remove(part);
        return !stopping;
    }

    /** The process of that part, if it runs. */
    public synchronized List<Long> pids(Role role) {
        return running.stream()
                .filter(part -> part.part().role() == role)
                .map(part -> part.process().pid())
                .toList();
    }

    /** Stops everything, the last started first, and waits. */
    @Override
    public void close() throws InterruptedException {
        List<RunningPart> all;
        synchronized (this) {
            stopping = true;
            all = List.copyOf(running);
        }
        for (var part : all) {
            stop(part);
        }
        starter.shutdown();
        starter.awaitTermination(stopPatience.toSeconds(), TimeUnit.SECONDS);
    }

    private void stop(RunningPart part) throws InterruptedException {
        var process = part.process();
        if (!process.isAlive()) {
            return;
        }
        signal(process, part.part().stopSignal());
        if (!process.waitFor(stopPatience.toSeconds(), TimeUnit.SECONDS)) {
            progress.note(part.part().role() + " does not stop and is killed");
            process.destroyForcibly().waitFor();
        }
    }

    private void signal(Process process, String name) throws InterruptedException {
        if (name.equals("TERM")) {
            process.destroy();
            return;
        }
        try {
            // Java itself sends no other signal
            new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                    .start()
                    .waitFor();
        } catch (IOException e) {
            progress.note("signal " + name + " cannot be sent: " + e.getMessage());
            process.destroy();
        }
    }

    private record RunningPart(Part part, Process process) {}
}
