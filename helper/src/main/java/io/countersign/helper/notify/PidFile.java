// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file whose first line is the number of a process that is to be signalled. */
record PidFile(Path file, Signal signal) {
    private static final Logger log = LoggerFactory.getLogger(PidFile.class);
    /** The kernel counts the start of a process from the start of the machine, which it knows to the second. */
    private static final Duration SLACK = Duration.ofSeconds(2);

    /**
     * Sends the signal as the original does, and says so if the process does not look like the one that is meant.
     *
     * @throws IOException if there is no number or no such process
     */
    void send() throws IOException {
        long pid = pid();
        try (var process = PidFd.of(pid)) {
            doubt(pid).ifPresent(log::warn);
            process.send(signal);
        }
    }

    long pid() throws IOException {
        try {
            var first = Files.readString(file).lines().findFirst().orElse("").strip();
            try {
                return Long.parseLong(first);
            } catch (NumberFormatException e) {
                throw new IOException(file + " begins with \"" + first + "\", expected a process id", e);
            }
        } catch (NoSuchFileException e) {
            throw new IOException(file + " does not exist, expected the process to have written its id there", e);
        }
    }

    /** Why this process is not the one that wrote the file, if it began when the file was there already. */
    Optional<String> doubt(long pid) throws IOException {
        var written = Files.getLastModifiedTime(file).toInstant();
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().startInstant())
                .filter(start -> start.isAfter(written.plus(SLACK)))
                .map(start -> "%s was written at %s and process %d began later, at %s: the number is another's now"
                        .formatted(file, written, pid, start));
    }
}
