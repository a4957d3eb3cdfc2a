// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.helper.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A signal gets to the process that wrote the file, and to no other. */
final class SignalNoticeTest {
    @TempDir
    private Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() throws InterruptedException {
        for (var process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    private Process listener() throws IOException {
        var script = "trap 'echo hup >> " + folder + "/heard' HUP; echo $$ > " + folder
                + "/pid; while :; do sleep 0.02; done";
        // a shell cannot trap what was ignored when it began, as it is below nohup
        var process = new ProcessBuilder("env", "--default-signal=HUP", "sh", "-c", script).start();
        started.add(process);
        Eventually.holds("pid file", () -> !Files.readString(pidFile()).isEmpty());
        return process;
    }

    private Path pidFile() {
        return folder.resolve("pid");
    }

    private SignalNotice notice() {
        return new SignalNotice(pidFile(), Signal.SIGHUP);
    }

    private String failure() {
        return String.valueOf(
                assertThrows(IOException.class, () -> notice().tell()).getMessage());
    }

    @Test
    void processThatWroteTheFileIsSignalled() throws Exception {
        var process = listener();

        notice().tell();

        Eventually.holds("signal", () -> Files.exists(folder.resolve("heard")));
        assertTrue(process.isAlive());
    }

    @Test
    void processThatBeganAfterTheFileWasWrittenIsSpared() throws Exception {
        var process = listener();
        Files.setLastModifiedTime(pidFile(), FileTime.from(Instant.now().minus(Duration.ofHours(1))));

        var words = failure();

        assertTrue(words.contains("the number is another's now; SIGHUP is not sent"), words);
        // the next one is heard, and so would this one have been
        Files.setLastModifiedTime(pidFile(), FileTime.from(Instant.now()));
        notice().tell();
        Eventually.holds(
                "one signal", () -> Files.readAllLines(folder.resolve("heard")).size() == 1);
        assertTrue(process.isAlive());
    }

    @Test
    void processThatHasEndedIsSaid() throws Exception {
        var process = listener();
        process.destroyForcibly().waitFor();

        assertTrue(failure().contains("no such process"));
    }

    @Test
    void groupOfProcessesIsNeverSignalled() throws IOException {
        for (var number : List.of("0", "-1", "99999999999")) {
            Files.writeString(pidFile(), number);
            assertTrue(failure().contains("is no process id"), number);
        }
        Files.writeString(pidFile(), "server");
        assertTrue(failure().contains("begins with \"server\", expected a process id"));
        Files.delete(pidFile());
        assertTrue(failure().contains("does not exist"));
        assertFalse(Files.exists(folder.resolve("heard")));
    }
}
