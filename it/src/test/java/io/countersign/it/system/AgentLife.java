// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.countersign.it.process.Await;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.x509.X509SvidException;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;

/**
 * What happens in the life of an agent, and that what it gives to a workload is good after each of these things.
 *
 * @param again what the agent logs when it is told that nobody knows it
 */
record AgentLife(Tier tier, String again) {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final SpiffeId WORKLOAD = SpiffeId.of(Tier.TRUST_DOMAIN, "/workload");
    static final String NODES = "spiffe://tiers.test/nodes";

    void assertGood() throws Exception {
        var bundle = tier.bundle();
        // a server that starts while a node's certificate has ended gives it no entries for some seconds, now and again
        Await.until(
                PATIENCE,
                "there is no good identity",
                () -> WORKLOAD.equals(X509SvidValidator.verify(tier.svid().chain(), bundle, Instant.now())));
        // an agent that asks its server now and then hands out what it has kept until it hears that it must not
        Await.until(
                PATIENCE,
                "there is no good token",
                () -> WORKLOAD.equals(
                        JwtSvid.parseAndValidate(tier.token("here"), bundle, Set.of("here"), Instant.now())
                                .id()));
        assertTrue(tier.agent().isAlive());
    }

    JsonArray nodes() throws Exception {
        return tier.json("agent", "list").getAsJsonArray("agents");
    }

    JsonObject node() throws Exception {
        var nodes = nodes();
        assertEquals(1, nodes.size(), nodes::toString);
        return nodes.get(0).getAsJsonObject();
    }

    static String serial(JsonObject node) {
        return node.get("x509svid_serial_number").getAsString();
    }

    static String id(JsonObject node) {
        return "spiffe://" + Tier.TRUST_DOMAIN
                + node.getAsJsonObject("id").get("path").getAsString();
    }

    /** Returns once the same node has another certificate. */
    void renew() throws Exception {
        var before = node();
        Await.until(
                PATIENCE,
                "the node gets no new certificate",
                () -> !serial(node()).equals(serial(before)));
        assertEquals(id(before), id(node()));
        assertGood();
    }

    void giveUpTheAuthority() throws Exception {
        var former = tier.authority();
        var next = tier.prepareAuthority();
        Await.until(
                PATIENCE,
                "the agent does not hear of the prepared authority",
                () -> tier.workloadBundle().x509Authorities().size() == 2);
        var before = tier.svid();
        tier.activate(next);
        // what is renewed by itself from now on is by the next one
        var then = tier.svid().serialNumberHex();
        var nodeThen = serial(node());
        var _ = tier.command("localauthority", "x509", "taint", "-authorityID", former);
        Await.until(
                PATIENCE,
                "the certificate stays",
                () -> !tier.svid().serialNumberHex().equals(then));
        // a node that joined by a token cannot come back with one that is revoked
        Await.until(
                PATIENCE, "the node's certificate stays", () -> !serial(node()).equals(nodeThen));
        var _ = tier.command("localauthority", "x509", "revoke", "-authorityID", former);
        Await.until(
                PATIENCE,
                "the revoked authority stays",
                () -> tier.workloadBundle().x509Authorities().size() == 1);

        assertEquals(next, tier.authority());
        var bundle = tier.bundle();
        assertEquals(bundle.x509Authorities(), tier.workloadBundle().x509Authorities());
        assertThrows(X509SvidException.class, () -> X509SvidValidator.verify(before.chain(), bundle, Instant.now()));
        assertGood();
    }

    /** The one that signs tokens. */
    void giveUpTheTokenAuthority() throws Exception {
        var former = tokenAuthority("show", "active");
        var before = tier.token("there");
        var next = tokenAuthority("prepare", "prepared_authority");
        var _ = tier.command("localauthority", "jwt", "activate", "-authorityID", next);
        var _ = tier.command("localauthority", "jwt", "taint", "-authorityID", former);
        Await.until(PATIENCE, "the token stays", () -> !tier.token("there").equals(before));
        var _ = tier.command("localauthority", "jwt", "revoke", "-authorityID", former);

        assertEquals(next, tokenAuthority("show", "active"));
        var bundle = tier.bundle();
        assertThrows(
                IllegalArgumentException.class,
                () -> JwtSvid.parseAndValidate(before, bundle, Set.of("there"), Instant.now()));
        assertGood();
    }

    private String tokenAuthority(String command, String state) throws IOException, InterruptedException {
        return tier.json("localauthority", "jwt", command)
                .getAsJsonObject(state)
                .get("authority_id")
                .getAsString();
    }

    void restart() throws Exception {
        var authority = tier.authority();
        tier.stopServer();
        tier.startServer();
        assertEquals(authority, tier.authority());
        renew();
    }

    /** Returns once its agent has given up. */
    void ban(String node) throws Exception {
        var _ = tier.command("agent", "ban", "-spiffeID", node);
        assertNotEquals(0, tier.agent().awaitEnd());
        assertTrue(
                tier.agent().log().toLowerCase(Locale.ROOT).contains("banned"),
                tier.agent().log());
        assertTrue(node().get("banned").getAsBoolean());
    }

    void evictWhoComesBack() throws Exception {
        var before = node();
        var _ = tier.command("agent", "evict", "-spiffeID", id(before));
        Await.until(
                PATIENCE,
                "the evicted node does not come back",
                () -> !serial(node()).equals(serial(before)));
        assertEquals(id(before), id(node()));
        assertNotEquals(0, refusals());
        assertGood();
    }

    void banWhoComesBack() throws Exception {
        var banned = id(node());
        ban(banned);
        assertNotEquals(0, tier.startAgentAgain().awaitEnd(), "a proof makes up for a ban");
        assertTrue(
                tier.agent().log().contains("failed to attest: agent is banned"),
                tier.agent().log());
        assertTrue(node().get("banned").getAsBoolean());

        var _ = tier.command("agent", "evict", "-spiffeID", banned);
        var _ = tier.startAgentAgain();
        assertGood();
        assertEquals(banned, id(node()));
    }

    /** How often the agent has been told that nobody knows it, after which it would come back as if it were new. */
    long refusals() throws Exception {
        return tier.agent().log().lines().filter(line -> line.contains(again)).count();
    }
}
