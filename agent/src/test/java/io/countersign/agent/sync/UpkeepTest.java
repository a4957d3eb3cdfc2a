// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sync;

import static io.countersign.agent.TestDomain.ABROAD;
import static io.countersign.agent.TestDomain.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.Eventually;
import io.countersign.agent.FakeServer;
import io.countersign.agent.PopFiles;
import io.countersign.agent.TestConfig;
import io.countersign.agent.TestDomain;
import io.countersign.agent.config.AgentConfig;
import io.countersign.agent.config.Bootstrap;
import io.countersign.agent.config.WorkloadKeyType;
import io.countersign.agent.identity.IssuedSvid;
import io.countersign.agent.identity.Snapshots;
import io.countersign.agent.node.NodeAttestation;
import io.countersign.agent.node.NodeIdentity;
import io.countersign.agent.node.NodeStore;
import io.countersign.agent.node.OwnIdentity;
import io.countersign.agent.server.ServerConnection;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.X509Svid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The loop against a server on a real socket; its clock moves when the test says so. */
final class UpkeepTest {
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    @TempDir
    private Path folder;

    private FakeServer server;
    private final Snapshots snapshots = new Snapshots(HOME);
    private Optional<Upkeep> upkeep = Optional.empty();
    private Optional<OwnIdentity> own = Optional.empty();

    @BeforeEach
    void open() throws IOException {
        server = FakeServer.start();
    }

    @AfterEach
    void close() throws Exception {
        upkeep.ifPresent(Upkeep::close);
        server.close();
    }

    private NodeStore store() {
        return new NodeStore(HOME, folder.resolve("data"), Optional.of(folder.resolve("keys")));
    }

    private Upkeep start() throws Exception {
        var svid = IssuedSvid.of(server.domain.issue("/spire/agent/join_token/x"), 0);
        return start(
                new NodeIdentity(svid, server.domain.bundle(), false), TestConfig.of(folder, server, Optional.empty()));
    }

    /** A node that proves itself by a certificate, and has done so before. */
    private Upkeep startReattestable() throws Exception {
        var svid = IssuedSvid.of(server.domain.issue("/spire/agent/x509pop/node"), 0);
        return start(
                new NodeIdentity(svid, server.domain.bundle(), true),
                TestConfig.of(folder, server, PopFiles.ec(folder).config(), new Bootstrap.Insecure()));
    }

    private Upkeep start(NodeIdentity node, AgentConfig config) throws Exception {
        var connection = new ServerConnection("127.0.0.1", server.port(), HOME);
        var attestation = new NodeAttestation(config, connection, store(), server.clock);
        var identity = new OwnIdentity(attestation, store(), server.clock, node);
        var channel = connection.asNode(identity::svid, identity.bundle());
        var started = new Upkeep(channel, identity, snapshots, WorkloadKeyType.EC_P256, INTERVAL, server.clock).start();
        upkeep = Optional.of(started);
        own = Optional.of(identity);
        return started;
    }

    private Upkeep synchronised() throws Exception {
        var started = start();
        started.firstSync().get(20, TimeUnit.SECONDS);
        return started;
    }

    private X509Svid held(String id) {
        return Optional.ofNullable(snapshots.current().svids().get(id))
                .orElseThrow()
                .svid();
    }

    @Test
    void entriesBundlesAndCertificatesComeWithTheFirstSynchronisation() throws Exception {
        var abroad = new TestDomain(ABROAD);
        server.federated.put("abroad.org", abroad.bundle());
        server.change(server.entry("a", "/web")
                .addFederatesWith("abroad.org")
                .addFederatesWith("unknown.org")
                .setHint("h"));

        synchronised();

        var snapshot = snapshots.current();
        var entry = Optional.ofNullable(snapshot.entries().get("a")).orElseThrow();
        assertEquals(server.domain.id("/web"), entry.spiffeId());
        assertEquals("h", entry.hint());
        assertEquals(2, entry.revision());
        assertEquals(server.domain.bundle(), snapshot.ownBundle());
        assertEquals(Optional.of(abroad.bundle()), snapshot.bundle(ABROAD));
        assertEquals(2, snapshot.bundles().size());
        assertEquals(server.domain.id("/web"), held("a").id());
    }

    @Test
    void whatATaintedAuthorityHasSignedIsReplacedAtOnce() throws Exception {
        server.change(server.entry("a", "/web"));
        synchronised();
        var before = held("a");
        int renewals = server.renewals.get();

        server.taint();
        server.clock.advance(INTERVAL);

        Eventually.holds("new certificate", () -> !held("a").equals(before));
        Eventually.holds("new node identity", () -> server.renewals.get() == renewals + 1);
        assertEquals(Set.of("tainted-key"), upkeep.orElseThrow().taintedKeys());
    }

    @Test
    void changedEntryGetsANewCertificateAndALostOneGoes() throws Exception {
        server.change(server.entry("a", "/web"));
        server.change(server.entry("b", "/stays"));
        synchronised();
        var before = held("a");
        var stays = held("b");

        server.change(server.entry("a", "/renamed").setRevisionNumber(7));
        server.clock.advance(INTERVAL);
        Eventually.holds("new certificate", () -> held("a").id().equals(server.domain.id("/renamed")));
        assertNotEquals(before, held("a"));
        assertEquals(stays, held("b"), "an entry that did not change was signed again");

        server.entries.remove("a");
        server.clock.advance(INTERVAL);
        Eventually.holds(
                "entry and certificate are gone",
                () -> snapshots.current().svids().size() == 1);
        assertEquals(1, snapshots.current().entries().size());
    }

    @Test
    void whatTheServerSaysHasChangedIsAskedForBeforeTheInterval() throws Exception {
        synchronised();
        Eventually.holds("listening", () -> !server.watching.isEmpty());

        server.change(server.entry("a", "/web"));
        server.push();

        Eventually.holds("certificate", () -> snapshots.current().svids().containsKey("a"));
        assertEquals(server.domain.id("/web"), held("a").id());
    }

    @Test
    void certificateIsRenewedWhenHalfOfItsLifeIsOver() throws Exception {
        server.change(server.entry("a", "/web"));
        synchronised();
        var first = held("a");

        server.change(server.entry("b", "/new"));
        server.clock.advance(Duration.ofMinutes(26));
        Eventually.holds(
                "what was missing at the new time is signed", () -> !held("b").equals(first));
        assertEquals(first, held("a"), "renewed too early");

        server.clock.advance(Duration.ofMinutes(8));
        Eventually.holds("renewed", () -> !held("a").equals(first));
    }

    @Test
    void ownIdentityIsRenewedAtHalfOfItsLifeStoredAndUsed() throws Exception {
        synchronised();
        var identity = own.orElseThrow();
        var first = identity.svid();

        server.change(server.entry("b", "/new"));
        server.clock.advance(Duration.ofMinutes(34));

        Eventually.holds("renewed", () -> !identity.svid().equals(first));
        Eventually.holds("goes on", () -> held("b").id().equals(server.domain.id("/new")));
        assertEquals(first.id(), identity.svid().id());
        assertEquals(identity.svid(), store().load().orElseThrow().svid().svid());
        assertEquals(1, server.renewals.get());
        assertEquals(identity.svid().leaf(), server.callers.getLast(), "the connection is still the old one");
    }

    @Test
    void changedBundleIsTakenOverAndRememberedForTheNextStart() throws Exception {
        synchronised();
        var grown = new TestDomain(HOME).bundle();
        var authorities = new ArrayList<>(server.domain.bundle().x509Authorities());
        authorities.addAll(grown.x509Authorities());

        server.publish(new TrustBundle(HOME, authorities, grown.jwtAuthorities(), 2, Optional.empty()));
        server.clock.advance(INTERVAL);

        Eventually.holds(
                "in the snapshot",
                () -> snapshots.current().ownBundle().x509Authorities().equals(authorities));
        Eventually.holds(
                "on disk",
                () -> store().loadBundle().orElseThrow().x509Authorities().equals(authorities));
    }

    @Test
    void whileTheServerIsAwayEverythingStaysAndThenGoesOn() throws Exception {
        server.change(server.entry("a", "/web"));
        var running = synchronised();
        var before = snapshots.current();

        server.goAway();
        server.clock.advance(Duration.ofMinutes(50));
        server.change(server.entry("b", "/new"));
        assertEquals(before, snapshots.current());
        assertFalse(running.refused().isDone());

        server.comeBack();
        Eventually.holds("the new entry", () -> held("b").id().equals(server.domain.id("/new")));
        assertNotEquals(before.svids().get("a"), snapshots.current().svids().get("a"));
    }

    @Test
    void serverThatIsNotThereAtTheStartIsWaitedFor() throws Exception {
        server.goAway();
        var running = start();
        server.comeBack();
        running.firstSync().get(20, TimeUnit.SECONDS);
        assertEquals(server.domain.bundle(), snapshots.current().ownBundle());
    }

    @ParameterizedTest
    @EnumSource(names = {"AGENT_BANNED", "AGENT_NOT_ATTESTED", "AGENT_EXPIRED", "AGENT_NOT_ACTIVE"})
    void refusalForGoodEndsTheLoopAndForgetsTheIdentity(Reason reason) throws Exception {
        var running = synchronised();
        own.orElseThrow().trust(new TestDomain(HOME).bundle());
        assertTrue(store().load().isPresent());

        server.refuse(reason);
        server.clock.advance(INTERVAL);

        var refused = running.refused().get(20, TimeUnit.SECONDS);
        assertEquals(
                "the server does not take \"spiffe://example.org/spire/agent/join_token/x\" any more (" + reason
                        + "); start again with a new join token",
                refused.getMessage());
        assertEquals(Optional.empty(), store().load());
        assertTrue(store().loadBundle().isPresent());
    }

    @Test
    void ofManyEntriesOnlyTheChangedOnesAreTransferred() throws Exception {
        for (int i = 0; i < 601; i++) {
            var id = "%04d".formatted(i);
            server.change(server.entry(id, "/many/" + id));
        }
        synchronised();
        assertEquals(601, snapshots.current().entries().size());
        assertEquals(601, snapshots.current().svids().size());
        assertEquals(601, server.fetched.size());
        assertEquals(601, server.signed.size());

        server.fetched.clear();
        server.change(server.entry("0300", "/changed").setRevisionNumber(5));
        server.entries.remove("0000");
        server.clock.advance(INTERVAL);

        Eventually.holds("changed", () -> held("0300").id().equals(server.domain.id("/changed")));
        assertEquals(List.of("0300"), server.fetched);
        assertEquals(600, snapshots.current().entries().size());
        assertEquals(602, server.signed.size());
    }

    @Test
    void aNodeThatMayProveItselfAgainDoesSoInsteadOfRenewing() throws Exception {
        startReattestable().firstSync().get(20, TimeUnit.SECONDS);
        var before = own.orElseThrow().svid();

        server.clock.advance(Duration.ofMinutes(40));

        Eventually.holds("a new identity", () -> !own.orElseThrow().svid().equals(before));
        assertEquals(1, server.attestations.get());
        assertEquals(0, server.renewals.get());
        assertTrue(own.orElseThrow().isReattestable());
    }

    @Test
    void aNodeThatTheServerHasForgottenProvesItselfAgainAtOnce() throws Exception {
        var running = startReattestable();
        running.firstSync().get(20, TimeUnit.SECONDS);

        server.refuseNodesUntilAttested(Reason.AGENT_NOT_ATTESTED);
        server.clock.advance(INTERVAL);

        Eventually.holds("a new attestation", () -> server.attestations.get() == 1);
        int calls = server.callers.size();
        server.clock.advance(INTERVAL);
        Eventually.holds("it asks again", () -> server.callers.size() > calls);
        assertFalse(running.refused().isDone());
    }

    @Test
    void aBannedNodeDoesNotTryAgain() throws Exception {
        var running = startReattestable();
        running.firstSync().get(20, TimeUnit.SECONDS);

        server.refuse(Reason.AGENT_BANNED);
        server.clock.advance(INTERVAL);

        assertTrue(String.valueOf(running.refused().get(20, TimeUnit.SECONDS).getMessage())
                .contains("AGENT_BANNED"));
        assertEquals(0, server.attestations.get());
    }

    @Test
    void aProofThatFailsLeavesTheRestGoingOn() throws Exception {
        startReattestable().firstSync().get(20, TimeUnit.SECONDS);
        Files.delete(folder.resolve("node.crt"));

        server.clock.advance(Duration.ofMinutes(40));
        int calls = server.callers.size();
        Eventually.holds("it asks for entries", () -> server.callers.size() > calls);
        assertEquals(0, server.attestations.get());

        var _ = PopFiles.ec(folder);
        server.clock.advance(Duration.ofSeconds(5));
        Eventually.holds("it has come back", () -> server.attestations.get() == 1);
    }
}
