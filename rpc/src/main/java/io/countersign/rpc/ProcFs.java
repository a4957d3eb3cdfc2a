// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/** The facts of /proc that tell one process from the next with its number, and one of its programs from the next. */
final class ProcFs {
    private static final int STATE = 0;
    private static final int THREADS = 17;
    private static final int START_TIME = 19;
    private static final int START_CODE = 23;
    private static final int START_STACK = 25;

    /** More than any of the files that are read here has. */
    private static final int MOST = 4096;

    private static final ProgramFile PROGRAM =
            ServiceLoader.load(ProgramFile.class).findFirst().orElse(ProgramFile::link);

    private ProcFs() {}

    /** As the kernel makes it up for one read; every call of a workload waits for some of these. */
    static String text(String path) throws IOException {
        try (var file = new FileInputStream(path)) {
            var bytes = new byte[MOST];
            int length = file.read(bytes);
            return new String(bytes, 0, Math.max(0, length), StandardCharsets.ISO_8859_1);
        }
    }

    /** From the third field to the last that is used; nothing of a process that has ended and is only waited for. */
    private static Optional<String[]> stat(int pid) throws IOException {
        var stat = text("/proc/" + pid + "/stat");
        // the name, field 2, may hold blanks and brackets: count from its last bracket
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", START_STACK + 2);
        return hasEnded(fields) ? Optional.empty() : Optional.of(fields);
    }

    /** Nothing if there is no such process, or one that has ended and is only waited for. */
    static Optional<ProcessImage> image(int pid) {
        try {
            var stat = stat(pid);
            if (stat.isEmpty()) {
                return Optional.empty();
            }
            var fields = stat.get();
            var directory = Path.of("/proc", Integer.toString(pid));
            // of /proc/pid itself the kernel always says the effective ids, of the files in it not
            var owner = Files.readAttributes(directory, "unix:uid,gid");
            return Optional.of(new ProcessImage(
                    Long.parseLong(fields[START_TIME]),
                    number(owner, "uid"),
                    number(owner, "gid"),
                    Long.parseUnsignedLong(fields[START_CODE]),
                    Long.parseUnsignedLong(fields[START_STACK]),
                    PROGRAM.of(pid)));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** A first thread that has ended is no end while others of the process run. */
    private static boolean hasEnded(String[] fields) {
        boolean ended = fields[STATE].equals("Z") || fields[STATE].equals("X");
        return ended && Integer.parseInt(fields[THREADS]) <= 1;
    }

    private static int number(Map<String, Object> attributes, String name) throws IOException {
        if (attributes.get(name) instanceof Integer number) {
            return number;
        }
        throw new IOException("a file without " + name);
    }
}
