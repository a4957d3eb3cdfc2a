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
import io.countersign.agent.TestDomain;
import io.countersign.agent.identity.Snapshots;
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
import java.util.function.BooleanSupplier;
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

    private RunningNode node;
    private FakeServer server;
    private Snapshots snapshots;

    @BeforeEach
    void open() throws IOException {
        node = new RunningNode(folder);
        server = node.server;
        snapshots = node.snapshots;
    }

    @AfterEach
    void close() throws Exception {
        node.close();
    }

    private Upkeep synchronised() throws Exception {
        return RunningNode.synchronised(node.start());
    }

    private X509Svid held(String id) {
        return node.held(id);
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
        assertEquals(Set.of("tainted-key"), node.upkeep().taintedKeys());
    }

    @Test
    void tokensOfARevokedAuthorityAreNotHandedOutAgain() throws Exception {
        synchronised();
        server.taint();
        server.clock.advance(INTERVAL);
        Eventually.holds(
                "the taint is heard of", () -> node.upkeep().taintedKeys().contains("tainted-key"));

        server.revokeTainted();
        var before = node.upkeep().lastSync();
        server.clock.advance(INTERVAL);
        Eventually.holds(
                "another synchronisation", () -> node.upkeep().lastSync().isAfter(before));

        assertEquals(Set.of("tainted-key"), node.upkeep().taintedKeys());
    }

    @Test
    void whatARevokedAuthorityHasSignedIsReplacedAtOnce() throws Exception {
        server.change(server.entry("a", "/web"));
        synchronised();
        var before = held("a");
        int renewals = server.renewals.get();

        server.publish(new TestDomain(HOME).bundle());
        server.clock.advance(INTERVAL);

        Eventually.holds("new certificate", () -> !held("a").equals(before));
        Eventually.holds("new node identity", () -> server.renewals.get() == renewals + 1);
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
    void serverThatSaysNothingIsAskedOnceEachInterval() throws Exception {
        server.pushes = false;
        synchronised();
        server.change(server.entry("a", "/web"));

        passingIntervals("certificate", () -> snapshots.current().svids().containsKey("a"));

        server.entries.remove("a");
        passingIntervals("it is gone", () -> snapshots.current().svids().isEmpty());
        assertEquals(0, server.watching.size());
    }

    /** More than one, as the agent may note what it asked a moment ago only after the first has passed. */
    private void passingIntervals(String what, BooleanSupplier condition) {
        Eventually.holds(what, () -> {
            server.clock.advance(INTERVAL);
            return condition.getAsBoolean();
        });
    }

    @Test
    void aClockThatIsSetBackDelaysNothing() throws Exception {
        server.pushes = false;
        server.change(server.entry("a", "/web"));
        synchronised();
        server.change(server.entry("b", "/later"));
        passingIntervals("certificate", () -> snapshots.current().svids().containsKey("b"));
        Eventually.holds("it has nothing to ask", () -> node.upkeep().lastSync().equals(server.clock.instant()));

        server.entries.remove("a");
        server.clock.advance(Duration.ofHours(-1));

        Eventually.holds("it is gone", () -> !snapshots.current().svids().containsKey("a"));
    }

    @Test
    void bundlesAreAskedForOnlyIfTheyMayHaveChanged() throws Exception {
        synchronised();
        Eventually.holds("listening", () -> !server.watching.isEmpty());
        var before = snapshots.current().bundles();
        server.publish(
                new TrustBundle(HOME, new TestDomain(HOME).bundle().x509Authorities(), List.of(), 2, Optional.empty()));

        server.change(server.entry("a", "/web"));
        server.pushEntries();
        Eventually.holds("certificate", () -> snapshots.current().svids().containsKey("a"));
        assertEquals(before, snapshots.current().bundles());

        server.push();
        Eventually.holds("bundle", () -> !snapshots.current().bundles().equals(before));
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
        var identity = node.own();
        var first = identity.svid();

        server.change(server.entry("b", "/new"));
        server.clock.advance(Duration.ofMinutes(34));

        Eventually.holds("renewed", () -> !identity.svid().equals(first));
        Eventually.holds("goes on", () -> held("b").id().equals(server.domain.id("/new")));
        assertEquals(first.id(), identity.svid().id());
        assertEquals(identity.svid(), node.store().load().orElseThrow().svid().svid());
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
                () -> node.store().loadBundle().orElseThrow().x509Authorities().equals(authorities));
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
        var running = node.start();
        server.comeBack();
        running.firstSync().get(20, TimeUnit.SECONDS);
        assertEquals(server.domain.bundle(), snapshots.current().ownBundle());
    }

    @Test
    void aBanEndsTheLoopAndForgetsTheIdentity() throws Exception {
        var running = synchronised();
        node.own().trust(new TestDomain(HOME).bundle());
        assertTrue(node.store().load().isPresent());

        server.refuse(Reason.AGENT_BANNED);
        node.interval();

        var refused = running.refused().get(20, TimeUnit.SECONDS);
        assertEquals(
                "the server does not take \"spiffe://example.org/spire/agent/join_token/x\" any more (AGENT_BANNED);"
                        + " only an operator who deletes the agent can let it in again",
                refused.getMessage());
        assertEquals(Optional.empty(), node.store().load());
        assertTrue(node.store().loadBundle().isPresent());
    }

    @ParameterizedTest
    @EnumSource(names = {"AGENT_NOT_ATTESTED", "AGENT_EXPIRED", "AGENT_NOT_ACTIVE"})
    void aRefusedNodeThatHasNothingToServeEnds(Reason reason) throws Exception {
        server.refuse(reason);
        var refused = node.start().refused().get(20, TimeUnit.SECONDS);
        assertEquals(
                "the server does not take \"spiffe://example.org/spire/agent/join_token/x\" any more (" + reason
                        + "); start again with a new join token",
                refused.getMessage());
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
        RunningNode.synchronised(node.startReattestable());
        var before = node.own().svid();

        server.clock.advance(Duration.ofMinutes(40));

        Eventually.holds("a new identity", () -> !node.own().svid().equals(before));
        assertEquals(1, server.attestations.get());
        assertEquals(0, server.renewals.get());
        assertTrue(node.own().isReattestable());
    }

    @Test
    void aNodeThatTheServerHasForgottenProvesItselfAgainAtOnce() throws Exception {
        var running = RunningNode.synchronised(node.startReattestable());

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
        var running = RunningNode.synchronised(node.startReattestable());

        server.refuse(Reason.AGENT_BANNED);
        server.clock.advance(INTERVAL);

        assertTrue(String.valueOf(running.refused().get(20, TimeUnit.SECONDS).getMessage())
                .contains("AGENT_BANNED"));
        assertEquals(0, server.attestations.get());
    }

    @Test
    void aProofThatFailsLeavesTheRestGoingOn() throws Exception {
        RunningNode.synchronised(node.startReattestable());
        Files.delete(folder.resolve("node.crt"));

        int calls = server.callers.size();
        server.clock.advance(Duration.ofMinutes(40));
        Eventually.holds("it asks for entries", () -> server.callers.size() > calls);
        assertEquals(0, server.attestations.get());

        var _ = PopFiles.ec(folder);
        server.clock.advance(Duration.ofSeconds(5));
        Eventually.holds("it has come back", () -> server.attestations.get() == 1);
    }
}
