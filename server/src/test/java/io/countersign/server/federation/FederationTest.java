// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.Eventually;
import io.countersign.server.Refused;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.config.ServerConfig.Endpoint;
import io.countersign.server.config.ServerConfig.Federation;
import io.countersign.server.config.ServerConfig.Serving;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.CountAgentsRequest;
import io.countersign.serverapi.bundle.AppendBundleRequest;
import io.countersign.serverapi.bundle.BatchSetFederatedBundleRequest;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetFederatedBundleRequest;
import io.countersign.serverapi.trustdomain.BatchCreateFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.BatchDeleteFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.RefreshBundleRequest;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.FederationRelationship;
import io.countersign.serverapi.types.HTTPSSPIFFEProfile;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.X509SvidException;
import io.countersign.spiffe.x509.X509SvidValidator;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two of our servers, each with a bundle endpoint, federate both ways. */
@Timeout(60)
class FederationTest {
    private static final TrustDomain OTHER = new TrustDomain("other.test");

    @TempDir
    Path folder;

    private TestServer here;
    private TestServer there;

    @BeforeEach
    void start() throws Exception {
        var hint = new Endpoint(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Duration.ofMinutes(2),
                new Serving.OwnSvid());
        var federation = new Federation(Optional.of(hint), Map.of());
        here = TestServer.start(
                Files.createDirectory(folder.resolve("a")), config -> TestConfig.federation(config, federation));
        there = TestServer.start(
                Files.createDirectory(folder.resolve("b")),
                config -> TestConfig.named(TestConfig.federation(config, federation), OTHER));
        // else the first, which stands still, takes what the second signs for what is not valid yet
        here.clock.set(there.clock.instant());
    }

    @AfterEach
    void close() {
        there.close();
        here.close();
    }

    /** With the bundle to begin with, as operators carry it over. */
    private static void federate(TestServer at, TestServer with) {
        var name = with.config.trustDomain().name();
        var result = at.trustDomains()
                .batchCreateFederationRelationship(BatchCreateFederationRelationshipRequest.newBuilder()
                        .addFederationRelationships(FederationRelationship.newBuilder()
                                .setTrustDomain(name)
                                .setBundleEndpointUrl("https://127.0.0.1:" + with.bundlePort())
                                .setHttpsSpiffe(HTTPSSPIFFEProfile.newBuilder()
                                        .setEndpointSpiffeId("spiffe://" + name + "/spire/server"))
                                .setTrustDomainBundle(
                                        with.published().toBuilder().setSequenceNumber(0)))
                        .build())
                .getResults(0);
        assertEquals("OK", result.getStatus().getMessage());
    }

    private static Bundle held(TestServer at, TestServer of) {
        return at.bundles()
                .getFederatedBundle(GetFederatedBundleRequest.newBuilder()
                        .setTrustDomain(of.config.trustDomain().name())
                        .build());
    }

    private static void refresh(TestServer at, TestServer of) {
        var _ = at.trustDomains()
                .refreshBundle(RefreshBundleRequest.newBuilder()
                        .setTrustDomain(of.config.trustDomain().name())
                        .build());
    }

    /** What a node would hand to its workloads. */
    private static TrustBundle known(TestServer at, TestServer of) throws Exception {
        var node = BundleGrpc.newBlockingStub(at.as(at.join()));
        var bundle = TestServer.waiting(node)
                .getFederatedBundle(GetFederatedBundleRequest.newBuilder()
                        .setTrustDomain(of.config.trustDomain().name())
                        .build());
        return TrustBundle.ofX509(
                of.config.trustDomain(),
                bundle.getX509AuthoritiesList().stream()
                        .flatMap(one -> Der.parseCertificates(one.getAsn1().toByteArray()).stream())
                        .toList());
    }

    @Test
    void workloadsOfEachVerifyThoseOfTheOther() throws Exception {
        federate(here, there);
        federate(there, here);
        refresh(here, there);
        refresh(there, here);

        var ours = here.mint(SpiffeId.parse("spiffe://example.org/workload"));
        var theirs = there.mint(SpiffeId.parse("spiffe://other.test/workload"));

        var now = here.clock.instant();
        assertEquals(theirs.id(), X509SvidValidator.verify(theirs.chain(), known(here, there), now));
        assertEquals(ours.id(), X509SvidValidator.verify(ours.chain(), known(there, here), now));
        assertThrows(X509SvidException.class, () -> X509SvidValidator.verify(theirs.chain(), known(there, here), now));
    }

    @Test
    void aBundleIsFetchedWithoutBeingAskedForAndKeptOverARestart() throws Exception {
        federate(here, there);

        // tokens' keys and the hint are told by the endpoint alone
        Eventually.holds("the bundle is fetched", () -> held(here, there).getRefreshHint() == 120);
        var fetched = held(here, there);
        assertEquals(there.published().getSequenceNumber(), fetched.getSequenceNumber());
        assertEquals(1, fetched.getJwtAuthoritiesCount());
        here.close();
        there.close();
        here = here.again();
        assertEquals(fetched, held(here, there));
    }

    @Test
    void aChangeArrivesWithTheNextFetch() {
        federate(here, there);
        refresh(here, there);
        // an authority of another server does for a new one
        var _ = there.bundles()
                .appendBundle(AppendBundleRequest.newBuilder()
                        .addX509Authorities(here.published().getX509Authorities(0))
                        .build());

        refresh(here, there);

        assertEquals(2, held(here, there).getX509AuthoritiesCount());
        assertEquals(
                there.published().getX509AuthoritiesList(), held(here, there).getX509AuthoritiesList());
    }

    @Test
    void anOlderBundleIsNotTakenUnlessAnOperatorSaysSo() {
        federate(here, there);
        refresh(here, there);
        var newer = held(here, there).toBuilder().setSequenceNumber(1000).build();
        set(newer);

        var refusal = Refused.with(Code.INTERNAL, () -> refresh(here, there));

        assertTrue(refusal.contains("expected at least 1000, which is stored"), refusal);
        assertEquals(newer, held(here, there));
        set(newer.toBuilder().setSequenceNumber(0).build());
        refresh(here, there);
        assertEquals(there.published().getSequenceNumber(), held(here, there).getSequenceNumber());
    }

    private void set(Bundle bundle) {
        var _ = here.bundles()
                .batchSetFederatedBundle(BatchSetFederatedBundleRequest.newBuilder()
                        .addBundle(bundle)
                        .build());
    }

    @Test
    void theLastBundleStaysWhileTheEndpointIsAway() {
        federate(here, there);
        refresh(here, there);
        var last = held(here, there);
        there.close();

        Refused.with(Code.INTERNAL, () -> refresh(here, there));

        assertEquals(last, held(here, there));
    }

    @Test
    void aRelationshipThatIsDeletedIsFetchedNoMore() {
        federate(here, there);
        refresh(here, there);
        var _ = here.trustDomains()
                .batchDeleteFederationRelationship(BatchDeleteFederationRelationshipRequest.newBuilder()
                        .addTrustDomains("other.test")
                        .build());

        assertEquals(
                "no relationship with trust domain \"other.test\"",
                Refused.with(Code.NOT_FOUND, () -> refresh(here, there)));
    }

    @Test
    void anAdministratorMayComeFromElsewhereAndNobodyElse() throws Exception {
        var admin = there.mint(SpiffeId.parse("spiffe://other.test/admin"));
        var other = there.mint(SpiffeId.parse("spiffe://other.test/other"));
        here.close();
        here = TestServer.start(
                Files.createDirectory(folder.resolve("c")), config -> TestConfig.admins(config, admin.id()));
        var count = CountAgentsRequest.getDefaultInstance();
        assertThrows(
                StatusRuntimeException.class,
                () -> TestServer.waiting(AgentGrpc.newBlockingStub(here.as(admin)))
                        .countAgents(count));

        set(there.published().toBuilder().build());

        assertEquals(
                0,
                TestServer.waiting(AgentGrpc.newBlockingStub(here.as(admin)))
                        .countAgents(count)
                        .getCount());
        assertThrows(
                StatusRuntimeException.class,
                () -> TestServer.waiting(AgentGrpc.newBlockingStub(here.as(other)))
                        .countAgents(count));
    }
}
