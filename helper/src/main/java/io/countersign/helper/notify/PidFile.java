// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file whose first line is the number of a process that is to be signalled. */
record PidFile(Path file, Signal signal) {
    /** @throws IOException if there is no number or no such process */
    void send() throws IOException {
        Kill.send(signal, pid());
    }

    private long pid() throws IOException {
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
}
