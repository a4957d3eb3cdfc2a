// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;

/** Folders that programs under any user can write to. */
public final class OpenFolder {
    private OpenFolder() {}

    public static Path create() throws IOException {
        return opened(Files.createTempDirectory("both"));
    }

    public static Path below(Path folder, String name) throws IOException {
        return opened(Files.createDirectory(folder.resolve(name)));
    }

    private static Path opened(Path folder) throws IOException {
        return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    static void delete(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            for (var each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
