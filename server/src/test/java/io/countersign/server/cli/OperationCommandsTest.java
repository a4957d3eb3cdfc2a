// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.countersign.datastore.Database;
import io.countersign.datastore.node.AttestedNode;
import io.countersign.datastore.node.AttestedNode.Certified;
import io.countersign.datastore.node.AttestedNodes;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** How the server logs, how it is, and agents that are gone for good. */
@Timeout(60)
class OperationCommandsTest {
    @TempDir
    Path folder;

    private final ch.qos.logback.classic.Logger ours =
            ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger("io.countersign");
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
    }

    @AfterEach
    void close() {
        server.close();
        // what a test has set is not for those that come after it
        ours.setLevel(null);
    }

    private Output run(String words) {
        return Output.of(server, words);
    }

    private static String levels(String current) {
        return "Logger Level : " + current + "\nLaunch Level : info\n\n";
    }

    @Test
    void theLogLevelIsSetAndReset() {
        assertEquals(levels("info"), run("logger get").out());

        assertEquals(levels("warning"), run("logger set -level Warn").out());
        assertEquals(Level.WARN, ours.getLevel());
        assertEquals(levels("fatal"), run("logger set -level fatal").out());
        assertEquals(Level.ERROR, ours.getLevel());
        assertEquals(
                "{\"current_level\":\"FATAL\",\"launch_level\":\"INFO\"}\n",
                run("logger get -output json").out());
        assertEquals(levels("info"), run("logger reset").out());
        assertEquals(Level.INFO, ours.getLevel());
    }

    @Test
    void aLevelThatIsNoneIsRefused() {
        assertEquals("Error: a value (-level) must be set\n", run("logger set").err());
        assertEquals(
                "Error: the value \"loud\" is not a valid setting\n",
                run("logger set -level loud").err());
    }

    @Test
    void whatTheServerHoldsIsCounted() throws Exception {
        var node = server.join();
        server.create(TestServer.entry(node.id(), TestConfig.id("/workload"), "unix:uid:1"));
        server.clock.advance(Duration.ofSeconds(3723));

        var text = run("debug getinfo").out();

        assertTrue(text.startsWith("""
                Server Debug Info:
                  Uptime:                  1h2m3s
                  Registered Agents:       1
                  Registration Entries:    1
                  Federated Bundles:       1
                  SVID Chain:
                    [0] SPIFFE ID:  spiffe://example.org/spire/server
                        Subject:    O=SPIRE,C=US
                """), text);
        assertTrue(text.contains("    [1] SPIFFE ID:  spiffe://example.org\n"), text);
        assertTrue(
                run("debug getinfo -output json")
                        .out()
                        .startsWith("{\"agents_count\":1,\"entries_count\":1,\"federated_bundles_count\":1,"),
                text);
    }

    @Test
    void aBannedAgentIsNotPurgedAndStaysBanned() throws Exception {
        var gone = TestConfig.id("/spire/agent/x509pop/gone");
        var banned = TestConfig.id("/spire/agent/x509pop/banned");
        var ended = new Certified("7", server.clock.instant().minus(Duration.ofDays(31)));
        try (var database = Database.open(server.config.datastore().database())) {
            var nodes = new AttestedNodes(database);
            for (var id : List.of(gone, banned)) {
                var _ = nodes.admit(AttestedNode.fresh(id, "x509pop", ended, true, Set.of()), false);
            }
            assertTrue(nodes.ban(banned));
        }

        var out = run("agent purge").out();

        assertTrue(out.startsWith("Found 1 expired agent\n"), out);
        assertTrue(out.endsWith("Agents purged:\nSPIFFE ID         : " + gone + "\n"), out);
        assertTrue(run("agent show -spiffeID " + banned).out().contains("Banned            : true\n"));
    }

    @Test
    void anAgentThatCannotAttestAgainIsNotPurged() throws Exception {
        server.join();

        assertEquals("No agents to purge.\n", run("agent purge -expiredFor=-1h").out());
        assertEquals(
                "{\"expired_agents\":[]}\n",
                run("agent purge -dryRun -output json").out());
        assertEquals("1 attested agent\n", run("agent count").out());
        assertEquals(
                "invalid value \"soon\" for flag -expiredFor: parse error",
                run("agent purge -expiredFor soon").err().lines().findFirst().orElse(""));
    }
}
