// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.countersign.datastore.RealPostgres;
import io.countersign.it.process.Await;
import io.countersign.it.process.Side;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.x509.X509SvidException;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
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
@Timeout(600)
class AgentLifeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final SpiffeId WORKLOAD = SpiffeId.of(Tier.TRUST_DOMAIN, "/workload");
    private static final String NODES = "spiffe://tiers.test/nodes";

    /** An agent renews within 20 s, and has as long again to bear that the server is away. */
    private static final String LIVES = "ca_ttl = \"15m\"\n  agent_ttl = \"40s\"";

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
            tier.register(WORKLOAD.path());
            assertGood(tier);
            renew(tier);

            giveUpTheAuthority(tier);
            giveUpTheAuthority(tier);

            restart(tier);
            banAndEvictWhoJoined(tier);
            tier.startAgent(proof);
            assertEquals("x509pop", node(tier).get("attestation_type").getAsString());
            assertGood(tier);
            evictWhoComesBack(tier);
            banWhoComesBack(tier);

            move(tier, postgres);
            giveUpTheAuthority(tier);
        }
    }

    private static void assertGood(Tier tier) throws Exception {
        Await.until(
                PATIENCE,
                "there is no identity",
                () -> WORKLOAD.equals(tier.svid().id()));
        var bundle = tier.bundle();
        assertEquals(WORKLOAD, X509SvidValidator.verify(tier.svid().chain(), bundle, Instant.now()));
        assertEquals(
                WORKLOAD,
                JwtSvid.parseAndValidate(tier.token("here"), bundle, Set.of("here"), Instant.now())
                        .id());
        assertTrue(tier.agent().isAlive());
    }

    private static JsonArray nodes(Tier tier) throws Exception {
        return tier.json("agent", "list").getAsJsonArray("agents");
    }

    private static JsonObject node(Tier tier) throws Exception {
        var nodes = nodes(tier);
        assertEquals(1, nodes.size(), nodes::toString);
        return nodes.get(0).getAsJsonObject();
    }

    private static String serial(JsonObject node) {
        return node.get("x509svid_serial_number").getAsString();
    }

    private static String id(JsonObject node) {
        return "spiffe://" + Tier.TRUST_DOMAIN
                + node.getAsJsonObject("id").get("path").getAsString();
    }

    /** Returns once the same node has another certificate. */
    private static void renew(Tier tier) throws Exception {
        var before = node(tier);
        Await.until(
                PATIENCE,
                "the node gets no new certificate",
                () -> !serial(node(tier)).equals(serial(before)));
        assertEquals(id(before), id(node(tier)));
        assertGood(tier);
    }

    private static void giveUpTheAuthority(Tier tier) throws Exception {
        var former = tier.authority();
        var before = tier.svid();
        var next = tier.prepareAuthority();
        Await.until(
                PATIENCE,
                "the agent does not hear of the prepared authority",
                () -> tier.workloadBundle().x509Authorities().size() == 2);
        tier.activate(next);
        var _ = tier.command("localauthority", "x509", "taint", "-authorityID", former);
        Await.until(
                PATIENCE,
                "the certificate stays",
                () -> !tier.svid().serialNumberHex().equals(before.serialNumberHex()));
        var _ = tier.command("localauthority", "x509", "revoke", "-authorityID", former);
        Await.until(
                PATIENCE,
                "the revoked authority stays",
                () -> tier.workloadBundle().x509Authorities().size() == 1);

        assertEquals(next, tier.authority());
        var bundle = tier.bundle();
        assertEquals(bundle.x509Authorities(), tier.workloadBundle().x509Authorities());
        assertThrows(X509SvidException.class, () -> X509SvidValidator.verify(before.chain(), bundle, Instant.now()));
        assertGood(tier);
    }

    private static void restart(Tier tier) throws Exception {
        var authority = tier.authority();
        tier.stopServer();
        tier.startServer();
        assertEquals(authority, tier.authority());
        renew(tier);
    }

    private static void banAndEvictWhoJoined(Tier tier) throws Exception {
        var banned = id(node(tier));
        ban(tier, banned);
        var _ = tier.command("agent", "evict", "-spiffeID", banned);
        assertEquals(0, nodes(tier).size());
        // the name came with the token
        assertEquals(
                0,
                tier.json("entry", "show", "-spiffeID", NODES)
                        .getAsJsonArray("entries")
                        .size());
    }

    /** Returns once its agent has given up. */
    private static void ban(Tier tier, String node) throws Exception {
        var _ = tier.command("agent", "ban", "-spiffeID", node);
        assertNotEquals(0, tier.agent().awaitEnd());
        assertTrue(tier.agent().log().contains("banned"), tier.agent().log());
        assertTrue(node(tier).get("banned").getAsBoolean());
    }

    private static void evictWhoComesBack(Tier tier) throws Exception {
        var before = node(tier);
        var _ = tier.command("agent", "evict", "-spiffeID", id(before));
        Await.until(
                PATIENCE,
                "the evicted node does not come back",
                () -> !serial(node(tier)).equals(serial(before)));
        assertEquals(id(before), id(node(tier)));
        assertNotEquals(0, refusals(tier));
        assertGood(tier);
    }

    private static void banWhoComesBack(Tier tier) throws Exception {
        var banned = id(node(tier));
        ban(tier, banned);
        assertNotEquals(0, tier.startAgentAgain().awaitEnd(), "a proof makes up for a ban");
        assertTrue(
                tier.agent().log().contains("failed to attest: agent is banned"),
                tier.agent().log());
        assertTrue(node(tier).get("banned").getAsBoolean());

        var _ = tier.command("agent", "evict", "-spiffeID", banned);
        var _ = tier.startAgentAgain();
        assertGood(tier);
        assertEquals(banned, id(node(tier)));
    }

    /** What an agent must not notice to have been moved. */
    private record Kept(String authorities, String keys, JsonObject entries, JsonObject node) {
        static Kept of(Tier tier) throws Exception {
            return new Kept(
                    tier.command("localauthority", "x509", "show"),
                    tier.command("bundle", "show", "-format", "spiffe"),
                    tier.json("entry", "show"),
                    unrenewed(AgentLifeTest.node(tier)));
        }

        /** Without what may be renewed at any time. */
        private static JsonObject unrenewed(JsonObject node) {
            node.remove("x509svid_serial_number");
            node.remove("x509svid_expires_at");
            return node;
        }
    }

    private static void move(Tier tier, RealPostgres postgres) throws Exception {
        change(tier);
        var before = Kept.of(tier);
        long refusals = refusals(tier);
        tier.stopServer();
        tier.moveTo("postgres", postgres.connectionString("postgres"));
        assertEquals(before, Kept.of(tier));
        assertGood(tier);
        renew(tier);
        assertEquals(refusals, refusals(tier), "the moved server does not know its agent");
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
                WORKLOAD.toString(),
                "-parentID",
                NODES,
                "-selector",
                selector.get("type").getAsString() + ":" + selector.get("value").getAsString(),
                "-hint",
                "changed");
        assertEquals("1", entry(tier).get("revision_number").getAsString());
    }

    private static JsonObject entry(Tier tier) throws Exception {
        return tier.json("entry", "show", "-spiffeID", WORKLOAD.toString())
                .getAsJsonArray("entries")
                .get(0)
                .getAsJsonObject();
    }

    /** How often the agent has been told that nobody knows it, after which it would come back as if it were new. */
    private static long refusals(Tier tier) throws Exception {
        return tier.agent()
                .log()
                .lines()
                .filter(line -> line.contains("Agent needs to re-attest"))
                .count();
    }
}
