// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sync;

import static io.countersign.agent.TestDomain.ABROAD;
import static io.countersign.agent.TestDomain.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.protobuf.ByteString;
import io.countersign.agent.Eventually;
import io.countersign.agent.FakeServer;
import io.countersign.agent.TestDomain;
import io.countersign.agent.config.AgentConfig.Rebootstrap;
import io.countersign.agent.config.AgentConfig.RebootstrapMode;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.Selector;
import io.countersign.serverapi.types.X509Certificate;
import io.countersign.spiffe.bundle.TrustBundle;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a server says wrongly takes nothing with it that it says well, and makes no stranger of it. */
final class BadAnswersTest {
    /** So that a stranger would be met by the bootstrap at once. */
    private static final Rebootstrap AT_ONCE = new Rebootstrap(RebootstrapMode.AUTO, Duration.ZERO);

    @TempDir
    private Path folder;

    private final TestDomain abroad = new TestDomain(ABROAD);
    private RunningNode node;
    private FakeServer server;

    @BeforeEach
    void open() throws IOException {
        node = new RunningNode(folder);
        server = node.server;
        server.federated.put("abroad.org", abroad.bundle());
        server.change(server.entry("a", "/web").addFederatesWith("abroad.org"));
    }

    @AfterEach
    void close() throws Exception {
        node.close();
    }

    private static Bundle of(String trustDomain, byte[] authority) {
        return Bundle.newBuilder()
                .setTrustDomain(trustDomain)
                .addX509Authorities(X509Certificate.newBuilder().setAsn1(ByteString.copyFrom(authority)))
                .build();
    }

    private static byte[] authority() throws Exception {
        return new TestDomain(HOME).bundle().x509Authorities().getFirst().getEncoded();
    }

    /** Begins as a certificate does. */
    private static byte[] garbage() {
        return new byte[] {0x30, 3, 1, 2, 3};
    }

    private void assertGoesOn(Upkeep running) {
        server.change(server.entry("b", "/new"));
        node.interval();
        Eventually.holds("a new entry's certificate", () -> node.held("b").id().equals(server.domain.id("/new")));
        assertIsNoStranger(running);
    }

    private void assertIsNoStranger(Upkeep running) {
        assertFalse(running.standing() instanceof Standing.Stranded, () -> String.valueOf(running.standing()));
        assertEquals(0, server.attestations.get());
    }

    private static Stream<Bundle> wrongFederatedBundles() throws Exception {
        return Stream.of(of("abroad.org", garbage()), of("example.org", authority()), of("no domain", authority()));
    }

    @ParameterizedTest
    @MethodSource("wrongFederatedBundles")
    void aFederatedBundleThatIsOfNoUseStaysAsItWas(Bundle wrong) throws Exception {
        var running = RunningNode.synchronised(node.startReattestable(AT_ONCE));
        server.saidOfFederated.put("abroad.org", wrong);

        assertGoesOn(running);

        assertEquals(Optional.of(abroad.bundle()), node.snapshots.current().bundle(ABROAD));
    }

    @Test
    void anEntryThatIsOfNoUseIsLeftOut() throws Exception {
        var running = RunningNode.synchronised(node.startReattestable(AT_ONCE));
        server.change(
                server.entry("bad", "/bad").addSelectors(Selector.newBuilder().setType("unix")));

        assertGoesOn(running);

        assertEquals(Set.of("a", "b"), node.snapshots.current().entries().keySet());
    }

    @Test
    void aCertificateThatIsOfNoUseIsNotIssued() throws Exception {
        var running = RunningNode.synchronised(node.startReattestable(AT_ONCE));
        server.unreadable.add("bad");
        server.change(server.entry("bad", "/bad"));

        assertGoesOn(running);

        assertEquals(Set.of("a", "b"), node.snapshots.current().svids().keySet());
    }

    private static Stream<Bundle> wrongOwnBundles() throws Exception {
        return Stream.of(
                Bundle.newBuilder().setTrustDomain("example.org").build(),
                of("abroad.org", authority()),
                of("example.org", garbage()));
    }

    @ParameterizedTest
    @MethodSource("wrongOwnBundles")
    void anOwnBundleThatIsOfNoUseIsNotTakenAndCertificatesAreRenewed(Bundle wrong) throws Exception {
        var running = RunningNode.synchronised(node.start());
        var authorities = new ArrayList<>(server.bundle().x509Authorities());
        authorities.addAll(new TestDomain(HOME).bundle().x509Authorities());
        server.publish(TrustBundle.ofX509(HOME, authorities));
        node.interval();
        Eventually.holds(
                "a good one is on disk",
                () -> node.store().loadBundle().orElseThrow().x509Authorities().equals(authorities));
        var before = node.held("a");

        server.saidOfOwn = Optional.of(wrong);
        server.clock.advance(Duration.ofMinutes(34));

        Eventually.holds("renewed", () -> !node.held("a").equals(before));
        assertIsNoStranger(running);
        assertEquals(authorities, node.snapshots.current().ownBundle().x509Authorities());
        assertEquals(authorities, node.store().loadBundle().orElseThrow().x509Authorities());
    }
}
