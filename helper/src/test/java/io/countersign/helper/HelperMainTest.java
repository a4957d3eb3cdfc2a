// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.spiffe.x509.X509Svid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exit codes, and the mode that writes once. */
final class HelperMainTest {
    @TempDir
    private Path folder;

    private String config(String more) throws IOException {
        var file = folder.resolve("helper.conf");
        Files.writeString(file, """
                agent_address = "%1$s/agent.sock"
                cert_dir = "%1$s"
                svid_file_name = "svid.pem"
                svid_key_file_name = "key.pem"
                svid_bundle_file_name = "bundle.pem"
                """.formatted(folder) + more);
        return file.toString();
    }

    @Test
    void versionAndHelpNeedNoFile() {
        assertEquals(0, HelperMain.run("-version"));
        assertEquals(0, HelperMain.run("-h"));
    }

    @Test
    void wrongCommandLineIsTwo() {
        assertEquals(2, HelperMain.run("-no-such-flag"));
        assertEquals(2, HelperMain.run("-daemon-mode=perhaps"));
        assertEquals(2, HelperMain.run("-config"));
        assertEquals(2, HelperMain.run("-daemon-mode", "false"));
    }

    @Test
    void fileThatIsWrongOrMissingIsOne() throws IOException {
        assertEquals(1, HelperMain.run("-config", config("no_such_key = 1")));
        assertEquals(1, HelperMain.run("-config", folder.resolve("none.conf").toString()));
    }

    @Test
    void everythingIsWrittenOnce() throws Exception {
        try (var agent = new TestAgent(folder.resolve("agent.sock"))) {
            var leaf = agent.issue();
            var config = config("""
                    jwt_bundle_file_name = "keys.json"
                    jwt_svids = [{ jwt_audience = "a", jwt_svid_file_name = "token" }]
                    """);

            assertEquals(0, HelperMain.run("--config=" + config, "--daemon-mode=false"));

            var svid = X509Svid.parse(
                    Files.readAllBytes(folder.resolve("svid.pem")), Files.readAllBytes(folder.resolve("key.pem")));
            assertEquals(leaf, svid.leaf());
            assertTrue(Files.exists(folder.resolve("bundle.pem")));
            assertTrue(Files.exists(folder.resolve("keys.json")));
            assertTrue(Files.exists(folder.resolve("token")));
        }
    }

    @Test
    void withoutAnAgentTheModeThatWritesOnceFailsAtOnce() throws IOException {
        assertEquals(1, HelperMain.run("-config", config("daemon_mode = false")));
        assertFalse(Files.exists(folder.resolve("svid.pem")));
    }

    @Test
    void hintThatNobodyHasFails() throws Exception {
        try (var agent = new TestAgent(folder.resolve("agent.sock"))) {
            agent.issue("internal");

            assertEquals(1, HelperMain.run("-config", config("daemon_mode = false\nhint = \"other\"")));
        }
    }

    @Test
    void identityThatIsNotThereYetIsWaitedFor() throws Exception {
        try (var agent = new TestAgent(folder.resolve("agent.sock"))) {
            var config = config("daemon_mode = false");
            var code = CompletableFuture.supplyAsync(() -> HelperMain.run("-config", config));
            Eventually.holds("the agent has refused", agent::hasRefused);
            assertFalse(code.isDone());

            agent.issue();

            assertEquals(0, code.get());
        }
    }

    @Test
    void signalEndsADaemonWithZero() throws Exception {
        var running = process(config(""));
        try (var agent = new TestAgent(folder.resolve("agent.sock"))) {
            agent.issue();
            Eventually.holds("files", () -> Files.exists(folder.resolve("svid.pem")));

            running.destroy();

            assertTrue(running.waitFor(20, TimeUnit.SECONDS));
            assertEquals(0, running.exitValue());
        } finally {
            running.destroyForcibly();
        }
    }

    @Test
    void signalBeforeAllIsWrittenOnceEndsWithOne() throws Exception {
        try (var agent = new TestAgent(folder.resolve("agent.sock"))) {
            var running = process(config("daemon_mode = false"));
            try {
                Eventually.holds("the agent has refused", agent::hasRefused);

                running.destroy();

                assertTrue(running.waitFor(20, TimeUnit.SECONDS));
                assertEquals(1, running.exitValue());
            } finally {
                running.destroyForcibly();
            }
        }
    }

    @Test
    void logHasTheIdByWhichTheAgentsOperatorFindsOutWhyNothingComes() throws Exception {
        var log = folder.resolve("log");
        try (var agent = new TestAgent(folder.resolve("agent.sock"))) {
            var running = process(config(""), ProcessBuilder.Redirect.to(log.toFile()));
            try {
                Eventually.holds(
                        "the refusal is in the log",
                        () -> Files.readString(log).contains("no identity issued; refusal " + TestAgent.REFUSAL));
                assertTrue(agent.hasRefused());
            } finally {
                running.destroyForcibly();
            }
        }
    }

    private static Process process(String config) throws IOException {
        return process(config, ProcessBuilder.Redirect.DISCARD);
    }

    private static Process process(String config, ProcessBuilder.Redirect output) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        HelperMain.class.getName(),
                        "-config",
                        config)
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start();
    }
}
