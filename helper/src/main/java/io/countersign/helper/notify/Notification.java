// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Whom to tell of new X.509 files.
 *
 * @param command the program and its arguments; empty for none
 * @param signal what the program, or the process of the file, is sent
 * @param pidFile names the process; present only together with a signal
 */
public record Notification(List<String> command, Optional<Signal> signal, Optional<Path> pidFile) {
    public static final Notification NOBODY = new Notification(List.of(), Optional.empty(), Optional.empty());

    /** @throws IllegalArgumentException if there is a file and no signal */
    public Notification {
        command = List.copyOf(command);
        if (pidFile.isPresent() && signal.isEmpty()) {
            throw new IllegalArgumentException("a pid file without a signal, expected both");
        }
    }
}
