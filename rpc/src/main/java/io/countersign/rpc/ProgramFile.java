// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Says which file a process executes. It is asked by the one thread that all connections have, so it never waits for the file
 * system on which that file is: a process may come from one that answers nothing any more. A program that can do better than
 * {@link #link} offers it as a service of {@link java.util.ServiceLoader}.
 */
@FunctionalInterface
public interface ProgramFile {
    /** What no other file is called as long as it is; empty if this program may not know. */
    String of(int pid);

    /** Where the kernel's link leads, by its text, for which no file is touched. */
    static String link(int pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Integer.toString(pid), "exe"))
                    .toString();
        } catch (IOException e) {
            return "";
        }
    }
}
