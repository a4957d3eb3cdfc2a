// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.federation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.Refused;
import io.countersign.server.TestServer;
import io.countersign.serverapi.bundle.CountBundlesRequest;
import io.countersign.serverapi.trustdomain.BatchCreateFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.BatchCreateFederationRelationshipResponse;
import io.countersign.serverapi.trustdomain.BatchDeleteFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.BatchUpdateFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.BatchUpdateFederationRelationshipResponse;
import io.countersign.serverapi.trustdomain.GetFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.ListFederationRelationshipsRequest;
import io.countersign.serverapi.trustdomain.RefreshBundleRequest;
import io.countersign.serverapi.trustdomain.TrustDomainGrpc;
import io.countersign.serverapi.types.FederationRelationship;
import io.countersign.serverapi.types.FederationRelationshipMask;
import io.countersign.serverapi.types.HTTPSSPIFFEProfile;
import io.countersign.serverapi.types.HTTPSWebProfile;
import io.countersign.serverapi.types.Status;
import io.grpc.Status.Code;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Relationships, as operators make them. Nothing listens at the endpoints that they name. */
@Timeout(60)
class TrustDomainServiceTest {
    @TempDir
    Path folder;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static FederationRelationship.Builder web(String trustDomain) {
        return FederationRelationship.newBuilder()
                .setTrustDomain(trustDomain)
                .setBundleEndpointUrl("https://127.0.0.1:1/" + trustDomain)
                .setHttpsWeb(HTTPSWebProfile.getDefaultInstance());
    }

    private static FederationRelationship.Builder spiffe(String trustDomain) {
        return web(trustDomain)
                .setHttpsSpiffe(HTTPSSPIFFEProfile.newBuilder()
                        .setEndpointSpiffeId("spiffe://" + trustDomain + "/spire/server"));
    }

    private BatchCreateFederationRelationshipResponse.Result create(FederationRelationship.Builder wanted) {
        return server.trustDomains()
                .batchCreateFederationRelationship(BatchCreateFederationRelationshipRequest.newBuilder()
                        .addFederationRelationships(wanted)
                        .build())
                .getResults(0);
    }

    private BatchUpdateFederationRelationshipResponse.Result update(
            FederationRelationship.Builder wanted, FederationRelationshipMask.Builder mask) {
        return server.trustDomains()
                .batchUpdateFederationRelationship(BatchUpdateFederationRelationshipRequest.newBuilder()
                        .addFederationRelationships(wanted)
                        .setInputMask(mask)
                        .build())
                .getResults(0);
    }

    private FederationRelationship get(String trustDomain) {
        return server.trustDomains()
                .getFederationRelationship(GetFederationRelationshipRequest.newBuilder()
                        .setTrustDomain(trustDomain)
                        .build());
    }

    private static void refused(Code code, String message, Status status) {
        assertEquals(message, status.getMessage());
        assertEquals(code.value(), status.getCode());
    }

    @Test
    void aRelationshipIsThereAfterARestartWithTheBundleToBeginWith() throws Exception {
        var wanted = spiffe("other.test")
                .setTrustDomainBundle(server.published().toBuilder().setTrustDomain("other.test"));

        var created = create(wanted).getFederationRelationship();
        server.close();
        server = server.again();

        assertEquals(created, get("spiffe://other.test"));
        assertEquals(wanted.getHttpsSpiffe(), created.getHttpsSpiffe());
        assertEquals(wanted.getBundleEndpointUrl(), created.getBundleEndpointUrl());
        assertEquals(1, created.getTrustDomainBundle().getX509AuthoritiesCount());
        assertEquals(
                2,
                server.bundles()
                        .countBundles(CountBundlesRequest.getDefaultInstance())
                        .getCount());
    }

    @Test
    void relationshipsAreListedByPageAndMask() {
        create(web("one.test"));
        create(spiffe("two.test"));
        var first = server.trustDomains()
                .listFederationRelationships(ListFederationRelationshipsRequest.newBuilder()
                        .setPageSize(1)
                        .setOutputMask(FederationRelationshipMask.newBuilder().setBundleEndpointProfile(true))
                        .build());
        assertEquals(web("one.test").clearBundleEndpointUrl().build(), first.getFederationRelationships(0));

        var second = server.trustDomains()
                .listFederationRelationships(ListFederationRelationshipsRequest.newBuilder()
                        .setPageSize(1)
                        .setPageToken(first.getNextPageToken())
                        .setOutputMask(FederationRelationshipMask.getDefaultInstance())
                        .build());
        assertEquals(
                FederationRelationship.newBuilder().setTrustDomain("two.test").build(),
                second.getFederationRelationships(0));
    }

    @Test
    void anUpdateTakesWhatTheMaskNames() {
        create(web("other.test"));

        var profile = update(
                spiffe("other.test").setBundleEndpointUrl("https://elsewhere.test/"),
                FederationRelationshipMask.newBuilder().setBundleEndpointProfile(true));
        assertEquals(spiffe("other.test").build(), profile.getFederationRelationship());

        var url = update(
                web("other.test").setBundleEndpointUrl("https://elsewhere.test/"),
                FederationRelationshipMask.newBuilder().setBundleEndpointUrl(true));
        assertEquals(
                spiffe("other.test")
                        .setBundleEndpointUrl("https://elsewhere.test/")
                        .build(),
                url.getFederationRelationship());
        assertEquals(url.getFederationRelationship(), get("other.test"));
        assertEquals(
                Code.NOT_FOUND.value(),
                update(web("nobody.test"), FederationRelationshipMask.newBuilder())
                        .getStatus()
                        .getCode());
    }

    @Test
    void whatBreaksARuleIsRefused() {
        create(web("other.test"));
        refused(
                Code.ALREADY_EXISTS,
                "failed to create federation relationship: there is one with trust domain \"other.test\" already;"
                        + " update it instead",
                create(spiffe("other.test")).getStatus());
        assertTrue(get("other.test").hasHttpsWeb());
        refused(
                Code.INVALID_ARGUMENT,
                "unable to create federation relationship for server trust domain",
                create(web("example.org")).getStatus());
        var words = "failed to convert federation relationship: ";
        refused(
                Code.INVALID_ARGUMENT,
                words + "bundle endpoint URL must use the https scheme",
                create(web("a.test").setBundleEndpointUrl("http://a.test")).getStatus());
        refused(
                Code.INVALID_ARGUMENT,
                words + "unsupported bundle endpoint profile type: <nil>",
                create(web("a.test").clearHttpsWeb()).getStatus());
        refused(
                Code.INVALID_ARGUMENT,
                words + "trust domain bundle (\"example.org\") must match the trust domain of the federation"
                        + " relationship (\"a.test\")",
                create(web("a.test").setTrustDomainBundle(server.published())).getStatus());
        assertTrue(create(spiffe("a.test").setHttpsSpiffe(HTTPSSPIFFEProfile.getDefaultInstance()))
                .getStatus()
                .getMessage()
                .startsWith(words + "failed to parse endpoint SPIFFE ID: "));
        assertEquals("federation relationship does not exist", Refused.with(Code.NOT_FOUND, () -> get("nobody.test")));
    }

    private Status delete(String trustDomain) {
        return server.trustDomains()
                .batchDeleteFederationRelationship(BatchDeleteFederationRelationshipRequest.newBuilder()
                        .addTrustDomains(trustDomain)
                        .build())
                .getResults(0)
                .getStatus();
    }

    @Test
    void aRelationshipIsDeletedAndItsBundleStays() {
        create(web("other.test")
                .setTrustDomainBundle(server.published().toBuilder().setTrustDomain("other.test")));

        assertEquals("OK", delete("other.test").getMessage());

        refused(Code.NOT_FOUND, "federation relationship not found", delete("other.test"));
        refused(Code.INVALID_ARGUMENT, "missing trust domain", delete(""));
        assertEquals(
                2,
                server.bundles()
                        .countBundles(CountBundlesRequest.getDefaultInstance())
                        .getCount());
    }

    private String refresh(Code code, String trustDomain) {
        return Refused.with(
                code,
                () -> server.trustDomains()
                        .refreshBundle(RefreshBundleRequest.newBuilder()
                                .setTrustDomain(trustDomain)
                                .build()));
    }

    @Test
    void aRefreshSaysWhyThereIsNoBundle() {
        create(web("web.test"));
        create(spiffe("spiffe.test"));

        assertEquals("no relationship with trust domain \"nobody.test\"", refresh(Code.NOT_FOUND, "nobody.test"));
        assertTrue(
                refresh(Code.INTERNAL, "spiffe.test")
                        .startsWith(
                                "failed to refresh bundle: can't perform SPIFFE Authentication: local copy of bundle not found"));
        assertTrue(refresh(Code.INTERNAL, "web.test")
                .startsWith("failed to refresh bundle: failed to fetch federated bundle from endpoint: failed to fetch"
                        + " bundle: https://127.0.0.1:1/web.test: "));
    }

    @Test
    void agentsHaveNoBusinessHere() throws Exception {
        var agent = TestServer.waiting(TrustDomainGrpc.newBlockingStub(server.as(server.join())));

        Refused.with(
                Code.PERMISSION_DENIED,
                () -> agent.listFederationRelationships(ListFederationRelationshipsRequest.getDefaultInstance()));
        assertFalse(create(web("other.test")).getFederationRelationship().hasHttpsSpiffe());
    }
}
