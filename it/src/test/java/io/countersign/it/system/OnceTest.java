// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Programs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code countersign up --once}: started, proven, stopped. */
class OnceTest {
    private Path folder = Path.of("");

    @BeforeEach
    void make() throws Exception {
        folder = RunningSystem.newFolder();
    }

    @AfterEach
    void remove() throws Exception {
        new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
    }

    private List<String> once() {
        return RunningSystem.command(folder.resolve("state"), "--once");
    }

    private static void assertProven(Outcome outcome) {
        assertEquals(0, outcome.code(), outcome::err);
        var said = JsonParser.parseString(outcome.out()).getAsJsonObject();
        Judge.assertProven(said);
        Judge.assertRefused(said.getAsJsonArray("break_ins"));
    }

    @Test
    void itIsProvenAsWhoeverRunsTheTests() throws Exception {
        assertProven(Outcome.of(Map.of(), once()));
    }

    @Test
    void itIsProvenAsAnOrdinaryUser() throws Exception {
        var outcome = Outcome.of(Map.of("HOME", folder.toString()), Outcome.asOrdinaryUser(once()));
        assertProven(outcome);
        assertTrue(outcome.err().contains("all parts run as one user"), outcome::err);
    }

    @Test
    void aPortInUseIsNamedWithItsHolder() throws Exception {
        try (var taken = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            var outcome = Outcome.of(
                    Map.of(),
                    List.of(
                            Programs.COUNTERSIGN.toString(),
                            "up",
                            "--once",
                            "--dir",
                            folder.resolve("state").toString(),
                            "--server-port",
                            Integer.toString(port)));
            assertEquals(1, outcome.code());
            var expected = "port " + port + " is in use by java (pid "
                    + ProcessHandle.current().pid() + "); stop it or choose another with --server-port";
            assertTrue(outcome.err().contains(expected), outcome::err);
        }
    }
}
