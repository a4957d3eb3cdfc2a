// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.it.process.Await;
import io.countersign.it.process.Side;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Our agent lives a whole life on the original server, and longer than the original agent would. */
@Tag("foreign")
@Tag("long")
@Timeout(900)
class OurAgentLifeTest {
    /** What a workload gets lasts for 40 s, what its agent gets for 80; both are renewed when half of it is over. */
    private static final String LIVES = "ca_ttl = \"15m\"\n  agent_ttl = \"80s\"\n  default_x509_svid_ttl = \"40s\"";

    private Path folder;

    @BeforeEach
    void create() throws Exception {
        folder = RunningSystem.newFolder();
    }

    @AfterEach
    void delete() throws Exception {
        new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
    }

    @Test
    void ourAgentLivesOnTheOriginalServer() throws Exception {
        var proof = NodeCertificates.write(folder, "EC", 256).proof();
        try (var tier = Tier.joined(Side.ORIGINAL, Side.OURS, LIVES, proof, folder.resolve("tier"))) {
            var life = new AgentLife(tier, "the server does not take");
            tier.register(AgentLife.WORKLOAD.path());
            life.assertGood();
            life.renew();

            life.giveUpTheAuthority();
            life.giveUpTheAuthority();
            life.giveUpTheTokenAuthority();
            life.giveUpTheTokenAuthority();

            life.restart();
            beWithoutTheServer(life);
            evictWhoCannotComeBack(life);
            tier.startAgent(proof);
            assertEquals("x509pop", life.node().get("attestation_type").getAsString());
            life.assertGood();
            life.evictWhoComesBack();
            life.banWhoComesBack();
            outliveItsOwnIdentity(life);
            life.renew();
        }
    }

    /** For longer than half of what a workload's certificate lasts: it is served, and renewed when the server is back. */
    private static void beWithoutTheServer(AgentLife life) throws Exception {
        var tier = life.tier();
        var before = tier.svid();
        tier.stopServer();
        var half = before.notBefore().plusSeconds(28);
        Await.until(AgentLife.PATIENCE, "time stands still", () -> Instant.now().isAfter(half));
        assertEquals(AgentLife.WORKLOAD, tier.svid().id());
        assertTrue(tier.agent().isAlive());
        tier.startServer();
        Await.until(
                AgentLife.PATIENCE,
                "the certificate stays",
                () -> !tier.svid().serialNumberHex().equals(before.serialNumberHex()));
        life.renew();
    }

    /** A node that joined by a token: it serves what it holds, until it is stopped for another. */
    private static void evictWhoCannotComeBack(AgentLife life) throws Exception {
        var tier = life.tier();
        var _ = tier.command("agent", "evict", "-spiffeID", AgentLife.id(life.node()));
        Await.until(
                AgentLife.PATIENCE,
                "the agent does not say that it is not known any more",
                () -> tier.agent().log().contains("put a new join token into join_token_file"));
        assertEquals(AgentLife.WORKLOAD, tier.svid().id());
        assertTrue(tier.agent().isAlive());
        assertEquals(0, life.nodes().size());
        tier.agent().close();
    }

    /** The server is away until the node's own certificate has ended; the original agent ends then. */
    private static void outliveItsOwnIdentity(AgentLife life) throws Exception {
        var tier = life.tier();
        var before = AgentLife.serial(life.node());
        tier.stopServer();
        var end = Instant.now().plusSeconds(85);
        Await.until(
                AgentLife.PATIENCE.multipliedBy(2),
                "time stands still",
                () -> Instant.now().isAfter(end));
        assertTrue(tier.agent().isAlive());
        tier.startServer();
        Await.until(
                AgentLife.PATIENCE,
                "the node does not come back",
                () -> !AgentLife.serial(life.node()).equals(before));
        life.assertGood();
    }
}
