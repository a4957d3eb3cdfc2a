// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import io.countersign.datastore.RealPostgres;
import io.countersign.it.process.Side;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The original agent lives a whole life on our server, and what it gives to a workload is good after each thing that happens
 * to it.
 */
@Tag("foreign")
@Tag("long")
@Timeout(900)
class AgentLifeTest {
    /** An agent renews within 40 s, and has as long again to bear that the server is away. */
    private static final String LIVES = "ca_ttl = \"15m\"\n  agent_ttl = \"80s\"";

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
    void theOriginalAgentLivesOnOurServer() throws Exception {
        var proof = NodeCertificates.write(folder, "EC", 256).proof();
        try (var postgres = new RealPostgres();
                var tier = Tier.joined(Side.OURS, Side.ORIGINAL, LIVES, proof, folder.resolve("tier"))) {
            var life = new AgentLife(tier, "Agent needs to re-attest");
            tier.register(AgentLife.WORKLOAD.path());
            life.assertGood();
            life.renew();

            life.giveUpTheAuthority();
            life.giveUpTheAuthority();

            life.restart();
            banAndEvictWhoJoined(life);
            tier.startAgent(proof);
            assertEquals("x509pop", life.node().get("attestation_type").getAsString());
            life.assertGood();
            life.evictWhoComesBack();
            life.banWhoComesBack();

            move(life, postgres);
            life.giveUpTheAuthority();
        }
    }

    private static void banAndEvictWhoJoined(AgentLife life) throws Exception {
        var banned = AgentLife.id(life.node());
        life.ban(banned);
        var _ = life.tier().command("agent", "evict", "-spiffeID", banned);
        assertEquals(0, life.nodes().size());
        // the name came with the token
        assertEquals(
                0,
                life.tier()
                        .json("entry", "show", "-spiffeID", AgentLife.NODES)
                        .getAsJsonArray("entries")
                        .size());
    }

    /** What an agent must not notice to have been moved. */
    private record Kept(String authorities, String keys, JsonObject entries, JsonObject node) {
        static Kept of(AgentLife life) throws Exception {
            var tier = life.tier();
            return new Kept(
                    tier.command("localauthority", "x509", "show"),
                    tier.command("bundle", "show", "-format", "spiffe"),
                    tier.json("entry", "show"),
                    unrenewed(life.node()));
        }

        /** Without what may be renewed at any time. */
        private static JsonObject unrenewed(JsonObject node) {
            node.remove("x509svid_serial_number");
            node.remove("x509svid_expires_at");
            return node;
        }
    }

    private static void move(AgentLife life, RealPostgres postgres) throws Exception {
        var tier = life.tier();
        change(tier);
        var before = Kept.of(life);
        long refusals = life.refusals();
        tier.stopServer();
        tier.moveTo("postgres", postgres.connectionString("postgres"));
        assertEquals(before, Kept.of(life));
        life.assertGood();
        life.renew();
        assertEquals(refusals, life.refusals(), "the moved server does not know its agent");
    }

    /** So that the workload's entry has a revision that may get lost. */
    private static void change(Tier tier) throws Exception {
        var entry = entry(tier);
        var selector = entry.getAsJsonArray("selectors").get(0).getAsJsonObject();
        var _ = tier.command(
                "entry",
                "update",
                "-entryID",
                entry.get("id").getAsString(),
                "-spiffeID",
                AgentLife.WORKLOAD.toString(),
                "-parentID",
                AgentLife.NODES,
                "-selector",
                selector.get("type").getAsString() + ":" + selector.get("value").getAsString(),
                "-hint",
                "changed");
        assertEquals("1", entry(tier).get("revision_number").getAsString());
    }

    private static JsonObject entry(Tier tier) throws Exception {
        return tier.json("entry", "show", "-spiffeID", AgentLife.WORKLOAD.toString())
                .getAsJsonArray("entries")
                .get(0)
                .getAsJsonObject();
    }
}
