// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunningFileTest {
    private final RunningFile files = new RunningFile();

    @Test
    void fileIsToldFromItsCopyAndIsWhatPeersAreKnownBy(@TempDir Path folder) throws Exception {
        var copy = folder.resolve("cat");
        Files.copy(Path.of("/bin/cat"), copy, StandardCopyOption.COPY_ATTRIBUTES);
        try (var one = Child.start("/bin/cat");
                var other = Child.start("/bin/cat");
                var copied = Child.start(copy.toString())) {
            var file = files.of(one.peer().pid());
            var number = Files.getAttribute(Path.of("/bin/cat"), "unix:ino");
            assertTrue(file.endsWith(":" + number), file);
            assertEquals(file, files.of(other.peer().pid()));
            assertNotEquals(file, files.of(copied.peer().pid()));
            assertEquals(file, one.peer().image().orElseThrow().program());
        }
    }

    @Test
    void processThatIsNotThereHasNone() {
        assertEquals("", files.of(0));
    }
}
