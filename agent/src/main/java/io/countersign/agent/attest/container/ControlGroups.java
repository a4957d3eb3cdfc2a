// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The control groups that the kernel says a process is in (cgroups(7)), one path for each hierarchy: one line of version 2,
 * several of version 1, or both.
 */
public record ControlGroups(List<String> paths) {
    private static final int FIELDS = 3;

    public ControlGroups {
        paths = List.copyOf(paths);
    }

    /** @param proc the folder {@code /proc} */
    public static ControlGroups of(Path proc, int pid) throws IOException {
        var paths = new ArrayList<String>();
        for (var line : Files.readAllLines(proc.resolve(Integer.toString(pid)).resolve("cgroup"))) {
            var fields = line.split(":", FIELDS);
            if (fields.length < FIELDS) {
                throw new IOException("\"" + line + "\" is no line of a cgroup file, expected ID:CONTROLLERS:PATH");
            }
            paths.add(fields[2]);
        }
        return new ControlGroups(paths);
    }
}
