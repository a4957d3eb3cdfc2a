// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A program that is started when the files are there and signalled when they are new. One that has ended is started anew
 * with the next files; it outlives the helper. Not thread-safe.
 */
final class ManagedCommand {
    private static final Logger log = LoggerFactory.getLogger(ManagedCommand.class);

    private final List<String> words;
    private final Optional<Signal> signal;
    private Optional<Process> running = Optional.empty();

    ManagedCommand(List<String> words, Optional<Signal> signal) {
        this.words = List.copyOf(words);
        this.signal = signal;
    }

    /** Starts the program, or sends it the signal if it runs; without a signal it is left alone. */
    void renewed() throws IOException {
        if (running.isEmpty() || !running.get().isAlive()) {
            running = Optional.of(start());
        } else if (signal.isPresent()) {
            try (var process = PidFd.of(running.get().pid())) {
                process.send(signal.get());
            }
        }
    }

    private Process start() throws IOException {
        var process = new ProcessBuilder(words).inheritIO().start();
        log.atInfo()
                .addKeyValue("cmd", words.getFirst())
                .addKeyValue("pid", process.pid())
                .log("command started");
        var _ = process.onExit()
                .thenAccept(ended -> log.atInfo()
                        .addKeyValue("cmd", words.getFirst())
                        .addKeyValue("exit_code", ended.exitValue())
                        .log("command ended"));
        return process;
    }
}
