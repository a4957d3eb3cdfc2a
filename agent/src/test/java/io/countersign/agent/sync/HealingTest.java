// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.Eventually;
import io.countersign.agent.FakeServer;
import io.countersign.agent.TestConfig;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import io.countersign.agent.config.AgentConfig.Rebootstrap;
import io.countersign.agent.config.AgentConfig.RebootstrapMode;
import io.countersign.agent.config.Bootstrap;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node that serves goes on doing so, whatever becomes of its server and of its own identity, and mends what it can. */
final class HealingTest {
    private static final Duration DELAY = Duration.ofMinutes(10);
    private static final Rebootstrap AUTO = new Rebootstrap(RebootstrapMode.AUTO, DELAY);

    @TempDir
    private Path folder;

    private RunningNode node;
    private FakeServer server;

    @BeforeEach
    void open() throws IOException {
        node = new RunningNode(folder);
        server = node.server;
        server.change(server.entry("a", "/web"));
    }

    @AfterEach
    void close() throws Exception {
        node.close();
    }

    private String stranded(Upkeep running) {
        Eventually.holds("stranded", () -> running.standing() instanceof Standing.Stranded);
        return assertInstanceOf(Standing.Stranded.class, running.standing()).why();
    }

    private static void synchronises(Upkeep running) {
        Eventually.holds("synchronised", () -> running.standing() instanceof Standing.Synchronised);
    }

    @ParameterizedTest
    @EnumSource(names = {"AGENT_NOT_ATTESTED", "AGENT_EXPIRED", "AGENT_NOT_ACTIVE", "AGENT_MUST_REATTEST"})
    void aForgottenNodeThatCannotProveItselfServesWhatItHolds(Reason reason) throws Exception {
        var running = RunningNode.synchronised(node.start());
        var before = node.snapshots.current();

        server.refuse(reason);
        node.interval();

        var why = stranded(running);
        assertTrue(why.contains(reason.name()) && why.contains("put a new join token into join_token_file"), why);
        assertEquals(before, node.snapshots.current());
        assertFalse(running.refused().isDone());
    }

    @Test
    void aNewTokenInItsFileBringsAForgottenNodeBack() throws Exception {
        var file = Files.writeString(folder.resolve("token"), "used");
        var running = RunningNode.synchronised(node.startWithTokenFile(file));

        server.refuseNodesUntilAttested(Reason.AGENT_NOT_ATTESTED);
        node.interval();
        var _ = stranded(running);
        assertEquals(0, server.attestations.get());

        server.tokens.add("fresh");
        Files.writeString(file, "fresh\n");
        Eventually.holds("a new attestation", () -> {
            node.interval();
            return server.attestations.get() == 1;
        });
        synchronises(running);
        assertEquals(
                server.domain.id("/spire/agent/join_token/fresh"),
                node.own().svid().id());
    }

    @Test
    void whatIsHeldIsServedWhileTheServerIsAwayForADay() throws Exception {
        var running = RunningNode.synchronised(node.startReattestable());
        var before = node.snapshots.current();

        server.goAway();
        server.clock.advance(Duration.ofHours(24));

        var why = stranded(running);
        assertTrue(why.contains("the identity of this node has ended"), why);
        assertEquals(before, node.snapshots.current());

        server.comeBack();
        synchronises(running);
        assertEquals(1, server.attestations.get());
        assertEquals(0, server.renewals.get());
        assertNotEquals(
                before.svids().get("a"), node.snapshots.current().svids().get("a"));
    }

    @Test
    void ownIdentityIsAskedForMoreOftenTheNearerItsEndIs() throws Exception {
        RunningNode.synchronised(node.start());
        server.goAway();
        var end = node.own().svid().expiresAt();
        server.clock.set(end.minusSeconds(10));

        Eventually.holds("tried four times before its end", () -> {
            // no faster than the loop can follow, and comes ever nearer to the end and never there
            var left = Duration.between(server.clock.instant(), end);
            var step = Duration.ofMillis(5);
            server.clock.advance(left.dividedBy(200).compareTo(step) < 0 ? left.dividedBy(200) : step);
            return node.metrics.text().contains("agent_svid_rotate{status=\"Unavailable\"} 4\n");
        });
    }

    @Test
    void aNodeWhoseCertificateTheServerDoesNotLetInProvesItselfAgain() throws Exception {
        var running = RunningNode.synchronised(node.startReattestable());

        server.replaceAuthority();
        node.interval();

        Eventually.holds("a new attestation", () -> server.attestations.get() == 1);
        synchronises(running);
        assertFalse(running.refused().isDone());
    }

    @Test
    void aFullDiskKeepsNothingFromGoingOn() throws Exception {
        var running = RunningNode.synchronised(node.start());
        var before = node.own().svid();
        // no file can come into being at this name, as on a disk that is full
        var block = Files.createDirectories(folder.resolve("data/agent-data.json.new/full"));

        server.clock.advance(Duration.ofMinutes(34));
        Eventually.holds("a new node identity", () -> !node.own().svid().equals(before));
        server.change(server.entry("b", "/new"));
        node.interval();
        Eventually.holds("the new entry", () -> node.held("b").id().equals(server.domain.id("/new")));
        assertEquals(node.own().svid().leaf(), server.callers.getLast(), "the connection is still the old one");
        synchronises(running);

        Files.delete(block);
        node.interval();
        Eventually.holds(
                "it is stored at last",
                () -> node.store()
                        .load()
                        .orElseThrow()
                        .svid()
                        .svid()
                        .equals(node.own().svid()));
    }

    @Test
    void aPluginThatFailsKeepsNothingFromGoingOn() throws Exception {
        var broken = new NodeAttestorConfig.Plugin("acme", () -> {
            throw new IllegalStateException("the hardware does not answer");
        });
        var config = TestConfig.of(folder, server, broken, new Bootstrap.Insecure());
        var running = RunningNode.synchronised(node.start("/spire/agent/acme/node", true, config));
        var before = node.held("a");

        server.clock.advance(Duration.ofMinutes(34));

        Eventually.holds("renewed", () -> !node.held("a").equals(before));
        synchronises(running);
    }

    @Test
    void aServerThatIsAwayForAMomentIsWaitedFor() throws Exception {
        var running = RunningNode.synchronised(node.start());
        server.goAway();
        node.interval();
        Eventually.holds("waiting", () -> running.standing() instanceof Standing.Waiting);
        server.comeBack();
        synchronises(running);
    }

    @Test
    void aServerOfUnknownAuthoritiesIsNotTrustedAndTheRestGoesOn() throws Exception {
        var running = RunningNode.synchronised(node.startReattestable());
        var before = node.snapshots.current();

        server.loseEverything();
        node.writeBootstrap();
        node.interval();

        var why = stranded(running);
        assertTrue(why.contains("set rebootstrap_mode"), why);
        server.clock.advance(DELAY.multipliedBy(2));
        // made anew with each try, though it says the same
        int last = System.identityHashCode(running.standing());
        Eventually.holds("it has tried again", () -> System.identityHashCode(running.standing()) != last);
        assertEquals(before, node.snapshots.current());
        assertEquals(0, server.attestations.get());
    }

    @Test
    void theBootstrapIsBelievedAgainAfterTheDelayAndNotBefore() throws Exception {
        var running = RunningNode.synchronised(node.startReattestable(AUTO));
        var before = node.snapshots.current();

        server.loseEverything();
        node.writeBootstrap();
        node.interval();
        var why = stranded(running);
        assertTrue(why.contains("the bootstrap is believed again from"), why);
        server.clock.advance(DELAY.minusSeconds(1));
        assertEquals(0, server.attestations.get());
        assertEquals(before, node.snapshots.current());

        server.clock.advance(Duration.ofSeconds(1));
        Eventually.holds("attested", () -> server.attestations.get() == 1);
        synchronises(running);
        Eventually.holds(
                "the new bundle", () -> node.snapshots.current().ownBundle().equals(server.domain.bundle()));
        assertEquals(
                server.domain.bundle().x509Authorities(),
                node.store().loadBundle().orElseThrow().x509Authorities());
    }

    @Test
    void aBootstrapThatDoesNotHelpIsAskedAgainUntilItDoes() throws Exception {
        var running =
                RunningNode.synchronised(node.startReattestable(new Rebootstrap(RebootstrapMode.AUTO, Duration.ZERO)));

        server.loseEverything();
        node.interval();
        Eventually.holds(
                "it has tried",
                () -> running.standing() instanceof Standing.Stranded(var since, var why)
                        && why.contains("the bootstrap does not help"));
        assertEquals(0, server.attestations.get());

        node.writeBootstrap();
        synchronises(running);
        assertEquals(1, server.attestations.get());
    }

    @Test
    void aNodeThatMayNotProveItselfAgainIsNotBootstrappedAnew() throws Exception {
        var running = RunningNode.synchronised(node.start());
        server.loseEverything();
        node.interval();
        var _ = stranded(running);
        assertFalse(running.refused().isDone());
    }

    @Test
    void aBannedNodeIsNotLetInByItsProof() throws Exception {
        var running = RunningNode.synchronised(node.startReattestable());
        server.refuse(Reason.AGENT_BANNED);
        server.clock.advance(Duration.ofMinutes(40));
        Eventually.holds("ended", () -> running.refused().isDone());
        assertEquals(0, server.attestations.get());
    }

    /** The server was replaced by one that has no push: what changed in between comes at once, all later at the interval. */
    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"OK", "UNIMPLEMENTED"})
    void pushThatIsLostIsPollingAtOnce(Status.Code end) throws Exception {
        RunningNode.synchronised(node.start());
        Eventually.holds("listening", () -> !server.watching.isEmpty());

        server.change(server.entry("b", "/changed"));
        server.stopPushing(end.toStatus());
        // the clock stands still, so no interval is over
        Eventually.holds("certificate", () -> node.snapshots.current().svids().containsKey("b"));

        server.change(server.entry("c", "/later"));
        node.interval();
        Eventually.holds("the next one", () -> node.snapshots.current().svids().containsKey("c"));
        assertEquals(0, server.watching.size());
    }
}
