// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.stack.Progress;
import io.countersign.stack.StackException;
import io.countersign.stack.layout.Role;
import io.countersign.stack.process.Part.Preparation;
import io.countersign.stack.process.Part.Readiness;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes of a shell. */
class SupervisorTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Progress progress = new Progress(new PrintStream(said, true, StandardCharsets.UTF_8));
    private final Supervisor supervisor = new Supervisor(progress, Duration.ofSeconds(20));

    @AfterEach
    void stop() throws Exception {
        supervisor.close();
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private Part part(Role role, String script, Readiness ready) {
        return new Part(
                role,
                List.of("sh", "-c", script),
                Map.of(),
                folder,
                folder.resolve(role.part() + ".log"),
                Optional.empty(),
                Preparation.NONE,
                ready,
                "TERM");
    }

    private Part waiting(Role role) {
        var begun = folder.resolve(role.part());
        var ended = folder.resolve("ended");
        var script = "trap 'echo " + role.part() + " >>" + ended + "; exit' TERM; : >" + begun
                + "; while :; do sleep 0.05; done";
        return part(role, script, () -> Files.exists(begun));
    }

    private static void await(BooleanSupplier condition) {
        var end = Instant.now().plusSeconds(20);
        while (!condition.getAsBoolean()) {
            assertTrue(Instant.now().isBefore(end), "it does not come");
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    @Test
    void whatWasStartedLastIsStoppedFirst() throws Exception {
        supervisor.start(waiting(Role.SERVER));
        supervisor.start(waiting(Role.AGENT));
        supervisor.close();
        assertEquals(List.of("agent", "server"), Files.readAllLines(folder.resolve("ended")));
    }

    @Test
    void whatEndsIsStartedAgain() throws Exception {
        supervisor.start(waiting(Role.SERVER));
        long first = supervisor.pids(Role.SERVER).getFirst();
        ProcessHandle.of(first).orElseThrow().destroyForcibly();
        await(() -> supervisor.pids(Role.SERVER).stream().anyMatch(pid -> pid != first));
        await(() -> said().contains("identity server is ready again"));
        assertTrue(said().contains("identity server has ended with 137 and is started again"), this::said);
    }

    @Test
    void whatNeverGetsReadyIsExplainedByTheEndOfItsLog() {
        var failure = assertThrows(
                StackException.class,
                () -> supervisor.start(part(Role.SERVER, "echo the disk is full; exit 3", () -> false)));
        var words = String.valueOf(failure.getMessage());
        assertTrue(words.startsWith("identity server has ended with 3; its log "), words);
        assertTrue(words.endsWith("the disk is full"), words);
    }

    @Test
    void whatDoesNotStopIsKilled() throws Exception {
        var begun = folder.resolve("begun");
        try (var impatient = new Supervisor(progress, Duration.ofSeconds(2))) {
            impatient.start(part(
                    Role.SERVER,
                    "trap '' TERM; : >" + begun + "; while :; do sleep 0.05; done",
                    () -> Files.exists(begun)));
            var process =
                    ProcessHandle.of(impatient.pids(Role.SERVER).getFirst()).orElseThrow();
            impatient.close();
            assertTrue(!process.isAlive());
            assertTrue(said().contains("identity server does not stop and is killed"), this::said);
        }
    }

    @Test
    void originalsAreFoundOnThePathAndRefusedByName() throws IOException {
        var program = Files.createFile(folder.resolve("envoy"));
        assertTrue(program.toFile().setExecutable(true));
        assertEquals(Map.of("sidecar", program), Originals.find(Map.of("sidecar", "envoy"), "/nowhere:" + folder));
        var unknown =
                assertThrows(StackException.class, () -> Originals.find(Map.of("backend", "x"), folder.toString()));
        assertEquals(
                "--use backend=x: \"backend\" cannot be swapped, expected one of server, agent, helper, sidecar",
                unknown.getMessage());
        var missing = assertThrows(StackException.class, () -> Originals.find(Map.of("server", "spire-server"), ""));
        assertEquals("program \"spire-server\" is not there, expected a path or a name on PATH", missing.getMessage());
    }
}
