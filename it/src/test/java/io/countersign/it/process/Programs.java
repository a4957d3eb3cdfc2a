// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the programs are that the tests start. */
public final class Programs {
    /** The start script of the distribution. */
    public static final Path COUNTERSIGN = Path.of("../cli/target/countersign/bin/countersign")
            .toAbsolutePath()
            .normalize();

    private static final Path FOREIGN =
            Path.of(System.getProperty("foreign", "target/foreign")).toAbsolutePath();

    private Programs() {}

    /** A program of others, by its name in the folder that {@code it/foreign/get} fills. */
    public static Path foreign(String name) {
        var path = FOREIGN.resolve(name);
        assertTrue(Files.isExecutable(path), path + " is missing; run it/foreign/get " + FOREIGN);
        return path;
    }

    public static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }
}
