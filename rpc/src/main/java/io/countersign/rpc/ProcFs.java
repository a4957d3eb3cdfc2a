// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The two facts of /proc that tell one process from the next with its number. */
final class ProcFs {
    private static final int START_TIME_AFTER_NAME = 19;

    private ProcFs() {}

    /** Field 22 of {@code /proc/pid/stat}; -1 if there is no such process. */
    static long startTime(int pid) {
        try {
            var stat = Files.readString(directory(pid).resolve("stat"));
            // the name, field 2, may hold blanks and brackets: count from its last bracket
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(fields[START_TIME_AFTER_NAME]);
        } catch (IOException | RuntimeException e) {
            return -1;
        }
    }

    /** The effective user; -1 if there is no such process. */
    static int owner(int pid) {
        try {
            return (Integer) Files.getAttribute(directory(pid), "unix:uid");
        } catch (IOException e) {
            return -1;
        }
    }

    private static Path directory(int pid) {
        return Path.of("/proc", Integer.toString(pid));
    }
}
