// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import static io.countersign.agent.attest.Assurance.CLAIMED;
import static io.countersign.agent.attest.Assurance.KERNEL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.config.CallerLimits;
import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import io.countersign.rpc.ProcessImage;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class WorkloadAttestorsTest {
    private static final Selector SEEN = new Selector("unix", "uid:1");
    private static final Selector SAID = new Selector("jvm", "main:M");

    private Child child;

    @BeforeEach
    void start() throws IOException {
        child = Child.start("cat");
    }

    @AfterEach
    void stop() throws InterruptedException {
        child.close();
    }

    /** An attestor that finds these, or fails if there are none. */
    private record Finding(Assurance assurance, Set<Selector> found) implements WorkloadAttestor {
        @Override
        public String name() {
            return "finding";
        }

        @Override
        public Map<Selector, Assurance> attest(Peer.LocalProcess process) throws IOException {
            if (found.isEmpty()) {
                throw new IOException("it is dark");
            }
            return found.stream().collect(Collectors.toMap(selector -> selector, selector -> assurance));
        }
    }

    private static Attestation attest(Peer caller, WorkloadAttestor... attestors) throws Exception {
        var context = Context.current().withValue(Peer.CONTEXT, caller);
        var seen = caller instanceof Peer.LocalProcess process ? process.image() : Optional.<ProcessImage>empty();
        return seen.map(image -> context.withValue(WorkloadAttestors.CALLER, image))
                .orElse(context)
                .call(attestors(attestors)::attestCaller);
    }

    private static WorkloadAttestors attestors(WorkloadAttestor... attestors) {
        return new WorkloadAttestors(List.of(attestors), false, CallerLimits.standard(), InstantSource.system());
    }

    private static void assertRefused(Status.Code code, Peer caller, WorkloadAttestor... attestors) {
        var refused = assertThrows(StatusRuntimeException.class, () -> attest(caller, attestors));
        assertEquals(code, refused.getStatus().getCode());
    }

    @Test
    void selectorsOfAllAttestorsComeTogetherWithTheirAssurance() throws Exception {
        var found = attest(child.peer(), new Finding(KERNEL, Set.of(SEEN)), new Finding(CLAIMED, Set.of(SAID)));
        assertEquals(Map.of(SEEN, KERNEL, SAID, CLAIMED), found.selectors());
    }

    @Test
    void attestorThatFailsTakesOnlyItsOwnSelectorsAway() throws Exception {
        var found = attest(child.peer(), new Finding(KERNEL, Set.of()), new Finding(CLAIMED, Set.of(SAID)));
        assertEquals(Map.of(SAID, CLAIMED), found.selectors());
    }

    @Test
    void nobodyIsAttestedIfAllFail() {
        assertRefused(Status.Code.UNAVAILABLE, child.peer(), new Finding(KERNEL, Set.of()));
    }

    @Test
    void processThatIsGoneGetsNothing() throws Exception {
        child.close();
        assertRefused(Status.Code.UNAUTHENTICATED, child.peer(), new Finding(KERNEL, Set.of(SEEN)));
    }

    @Test
    void processThatCouldNotBeSeenWhenItsCallBeganGetsNothing() {
        var unseen = Context.current().withValue(Peer.CONTEXT, child.peer());
        var attestors = attestors(new Finding(KERNEL, Set.of(SEEN)));
        var refused = assertThrows(StatusRuntimeException.class, () -> unseen.call(attestors::attestCaller));
        assertEquals(Status.Code.UNAUTHENTICATED, refused.getStatus().getCode());
    }

    @Test
    void laterProcessWithTheSameNumberGetsNothing() {
        var real = child.peer();
        var earlier = new Peer.LocalProcess(real.pid(), real.uid(), real.gid(), real.startTime() - 1);
        assertRefused(Status.Code.UNAUTHENTICATED, earlier, new Finding(KERNEL, Set.of(SEEN)));
    }

    @Test
    void callerFromTheNetworkGetsNothing() {
        var stranger = new Peer.Anonymous(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
        assertRefused(Status.Code.UNAUTHENTICATED, stranger, new Finding(KERNEL, Set.of(SEEN)));
    }

    @Test
    void allSelectorsOfAnEntryAreWantedAndOneOfThemFromTheKernel() {
        var both = new Attestation(Map.of(SEEN, KERNEL, SAID, CLAIMED), false);
        assertTrue(both.satisfies(Set.of(SEEN)));
        assertTrue(both.satisfies(Set.of(SEEN, SAID)));
        assertFalse(both.satisfies(Set.of(SAID)), "a process's word about itself is not enough");
        assertFalse(both.satisfies(Set.of(SEEN, new Selector("unix", "gid:1"))));
        assertFalse(both.satisfies(Set.of()), "an entry without selectors is nobody's");
    }

    @Test
    void claimsSufficeIfTheOperatorSaysSo() {
        var claims = new Attestation(Map.of(SAID, CLAIMED), true);
        assertTrue(claims.satisfies(Set.of(SAID)));
        assertFalse(claims.satisfies(Set.of(SEEN)));
        assertFalse(claims.satisfies(Set.of()));
    }
}
