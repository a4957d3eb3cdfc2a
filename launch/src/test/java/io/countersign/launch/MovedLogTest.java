// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program whose log is moved away as logrotate does it, with the signal that is sent to the originals then. */
@Timeout(120)
class MovedLogTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < end, () -> "not within " + LIMIT + ": " + what);
            LockSupport.parkNanos(5_000_000);
        }
    }

    private Path log() {
        return folder.resolve("log");
    }

    private boolean says(String words) throws IOException {
        return Files.exists(log()) && Files.readString(log()).contains(words);
    }

    private Process start() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SignalledProgram.class.getName(),
                        log().toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
    }

    private static void signal(Process program) throws Exception {
        var kill = new ProcessBuilder("sh", "-c", "kill -USR2 " + program.pid()).start();
        assertEquals(0, kill.waitFor());
    }

    private static void tell(OutputStream program, String line) throws IOException {
        program.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        program.flush();
    }

    @Test
    void aLogThatIsMovedAwayIsBegunAnewAndTheSignalForThatEndsNothing() throws Exception {
        var program = start();
        try (var input = program.getOutputStream()) {
            await("the program runs", () -> says("begun"));

            var old = Files.move(log(), folder.resolve("log.1"));
            signal(program);
            await("the log is begun anew", () -> {
                tell(input, "after the move");
                return says("after the move");
            });
            assertFalse(says("begun"));
            assertTrue(Files.readString(old).contains("begun"));

            Files.delete(log());
            await("a log that was deleted is made anew", () -> {
                tell(input, "after the end");
                return says("after the end");
            });
            assertTrue(program.isAlive());
        } finally {
            if (!program.waitFor(30, TimeUnit.SECONDS)) {
                program.destroyForcibly();
            }
        }
        assertEquals(0, program.exitValue());
    }
}
