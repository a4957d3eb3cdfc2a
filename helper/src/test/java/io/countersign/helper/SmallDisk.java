// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system that is full soon; mounting one needs root. */
public record SmallDisk(Path folder) implements AutoCloseable {
    /** In bytes. */
    public static final int SIZE = 128 * 1024;

    /** Skips the test for who may not mount. */
    public static SmallDisk mount(Path folder) throws IOException, InterruptedException {
        Files.createDirectory(folder);
        var mount = run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "countersign-test", folder.toString());
        assumeTrue(mount == 0, "needs the right to mount");
        return new SmallDisk(folder);
    }

    private static int run(String... words) throws IOException, InterruptedException {
        return new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** Takes all the room that is left; the file can be deleted. */
    public Path fill() throws IOException {
        var filler = folder.resolve("filler");
        try (var out = Files.newOutputStream(filler)) {
            var block = new byte[1024];
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw e;
            }
        }
        return filler;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        assertEquals(0, run("umount", folder.toString()), "the disk is still in use");
    }
}
