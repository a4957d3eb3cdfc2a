// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.bundle;

import static io.countersign.server.TestConfig.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.countersign.ca.key.KeyType;
import io.countersign.server.Refused;
import io.countersign.server.TestServer;
import io.countersign.serverapi.bundle.BatchCreateFederatedBundleRequest;
import io.countersign.serverapi.bundle.BatchDeleteFederatedBundleRequest;
import io.countersign.serverapi.bundle.BatchDeleteFederatedBundleRequest.Mode;
import io.countersign.serverapi.bundle.BatchSetFederatedBundleRequest;
import io.countersign.serverapi.bundle.BatchUpdateFederatedBundleRequest;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.CountBundlesRequest;
import io.countersign.serverapi.bundle.GetFederatedBundleRequest;
import io.countersign.serverapi.bundle.ListFederatedBundlesRequest;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.GetAuthorizedEntriesRequest;
import io.countersign.serverapi.entry.GetEntryRequest;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.BundleMask;
import io.countersign.serverapi.types.JWTKey;
import io.countersign.serverapi.types.Status;
import io.countersign.serverapi.types.WITKey;
import io.countersign.serverapi.types.X509Certificate;
import io.grpc.Status.Code;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The bundles of other trust domains, as operators set them and nodes read them. */
@Timeout(60)
class FederatedBundleTest {
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

    /** With an authority and a key of this very server, which do for any trust domain. */
    private Bundle.Builder bundle(String trustDomain) {
        return Bundle.newBuilder()
                .setTrustDomain(trustDomain)
                .addX509Authorities(server.published().getX509Authorities(0))
                .addJwtAuthorities(JWTKey.newBuilder()
                        .setPublicKey(ByteString.copyFrom(
                                KeyType.EC_P256.generate().getPublic().getEncoded()))
                        .setKeyId("key")
                        .setExpiresAt(4_102_444_800L))
                .setRefreshHint(60)
                .setSequenceNumber(3);
    }

    private Status create(Bundle bundle) {
        return server.bundles()
                .batchCreateFederatedBundle(BatchCreateFederatedBundleRequest.newBuilder()
                        .addBundle(bundle)
                        .build())
                .getResults(0)
                .getStatus();
    }

    private static void refused(Code code, String message, Status status) {
        assertEquals(message, status.getMessage());
        assertEquals(code.value(), status.getCode());
    }

    private Bundle get(String trustDomain) {
        return server.bundles()
                .getFederatedBundle(GetFederatedBundleRequest.newBuilder()
                        .setTrustDomain(trustDomain)
                        .build());
    }

    @Test
    void aBundleIsGivenBackAsItWasCreatedAfterARestart() throws Exception {
        var given = bundle("other.test").build();
        assertEquals("OK", create(given).getMessage());
        server.close();

        server = server.again();

        assertEquals(given, get("spiffe://other.test"));
        assertEquals(
                2,
                server.bundles()
                        .countBundles(CountBundlesRequest.getDefaultInstance())
                        .getCount());
        refused(Code.ALREADY_EXISTS, "bundle already exists", create(given));
    }

    @Test
    void aNodeReadsItAndAWorkloadDoesNot() throws Exception {
        var given = bundle("other.test").build();
        create(given);
        var request = GetFederatedBundleRequest.newBuilder()
                .setTrustDomain("other.test")
                .build();

        var node = BundleGrpc.newBlockingStub(server.as(server.join()));
        var workload = BundleGrpc.newBlockingStub(server.as(server.mint(id("/workload"))));

        assertEquals(given, TestServer.waiting(node).getFederatedBundle(request));
        Refused.with(Code.PERMISSION_DENIED, () -> TestServer.waiting(workload).getFederatedBundle(request));
    }

    @Test
    void bundlesAreListedByPageAndMask() {
        create(bundle("one.test").build());
        create(bundle("two.test").build());
        var first = server.bundles()
                .listFederatedBundles(ListFederatedBundlesRequest.newBuilder()
                        .setPageSize(1)
                        .setOutputMask(BundleMask.newBuilder().setRefreshHint(true))
                        .build());

        assertEquals(1, first.getBundlesCount());
        assertEquals(
                Bundle.newBuilder()
                        .setTrustDomain("one.test")
                        .setRefreshHint(60)
                        .build(),
                first.getBundles(0));
        var second = server.bundles()
                .listFederatedBundles(ListFederatedBundlesRequest.newBuilder()
                        .setPageSize(1)
                        .setPageToken(first.getNextPageToken())
                        .build());
        assertEquals("two.test", second.getBundles(0).getTrustDomain());
        assertEquals(
                "could not parse token 'x'",
                Refused.with(
                        Code.INVALID_ARGUMENT,
                        () -> server.bundles()
                                .listFederatedBundles(ListFederatedBundlesRequest.newBuilder()
                                        .setPageSize(1)
                                        .setPageToken("x")
                                        .build())));
    }

    @Test
    void anUpdateTakesWhatTheMaskNames() {
        var first = bundle("other.test").build();
        create(first);
        var next = Bundle.newBuilder()
                .setTrustDomain("other.test")
                .setRefreshHint(90)
                .setSequenceNumber(9)
                .build();
        var request = BatchUpdateFederatedBundleRequest.newBuilder().addBundle(next);

        var masked = server.bundles()
                .batchUpdateFederatedBundle(request.setInputMask(
                                BundleMask.newBuilder().setRefreshHint(true).setJwtAuthorities(true))
                        .build())
                .getResults(0);
        assertEquals(first.toBuilder().setRefreshHint(90).clearJwtAuthorities().build(), masked.getBundle());
        assertEquals(masked.getBundle(), get("other.test"));

        var whole = server.bundles()
                .batchUpdateFederatedBundle(request.clearInputMask().build())
                .getResults(0);
        assertEquals(next, whole.getBundle());
        refused(
                Code.NOT_FOUND,
                "bundle not found",
                server.bundles()
                        .batchUpdateFederatedBundle(BatchUpdateFederatedBundleRequest.newBuilder()
                                .addBundle(bundle("nobody.test"))
                                .build())
                        .getResults(0)
                        .getStatus());
    }

    @Test
    void setCreatesAndReplaces() {
        for (int hint : new int[] {30, 40}) {
            var given = bundle("other.test").setRefreshHint(hint).build();
            var result = server.bundles()
                    .batchSetFederatedBundle(BatchSetFederatedBundleRequest.newBuilder()
                            .addBundle(given)
                            .setOutputMask(BundleMask.getDefaultInstance())
                            .build())
                    .getResults(0);
            assertEquals(Bundle.newBuilder().setTrustDomain("other.test").build(), result.getBundle());
            assertEquals(given, get("other.test"));
        }
    }

    @Test
    void whatBreaksARuleIsRefusedItemByItem() {
        var good = bundle("other.test").build();
        var own = "a federated bundle for the server's own trust domain is not allowed";
        refused(
                Code.INVALID_ARGUMENT,
                "creating " + own,
                create(bundle("example.org").build()));
        refused(
                Code.INVALID_ARGUMENT,
                "setting " + own,
                server.bundles()
                        .batchSetFederatedBundle(BatchSetFederatedBundleRequest.newBuilder()
                                .addBundle(bundle("example.org"))
                                .build())
                        .getResults(0)
                        .getStatus());
        refused(
                Code.INVALID_ARGUMENT,
                "trust domain argument is not valid: trust domain is missing",
                create(bundle("").build()));
        refused(
                Code.INVALID_ARGUMENT,
                "failed to convert bundle: unable to parse JWT authority: missing key ID",
                create(good.toBuilder()
                        .setJwtAuthorities(
                                0, good.getJwtAuthorities(0).toBuilder().clearKeyId())
                        .build()));
        refused(
                Code.INVALID_ARGUMENT,
                "failed to convert bundle: WIT authorities are not supported; expected none",
                create(good.toBuilder()
                        .addWitAuthorities(WITKey.getDefaultInstance())
                        .build()));
        assertTrue(create(good.toBuilder()
                        .addX509Authorities(X509Certificate.newBuilder().setAsn1(ByteString.copyFromUtf8("x")))
                        .build())
                .getMessage()
                .startsWith("failed to convert bundle: unable to parse X.509 authority: "));
        var results = server.bundles()
                .batchCreateFederatedBundle(BatchCreateFederatedBundleRequest.newBuilder()
                        .addBundle(bundle("example.org"))
                        .addBundle(good)
                        .build());
        assertEquals(
                Code.INVALID_ARGUMENT.value(), results.getResults(0).getStatus().getCode());
        assertFalse(results.getResults(0).hasBundle());
        assertEquals(good, results.getResults(1).getBundle());
    }

    private Status delete(String trustDomain, Mode mode) {
        var result = server.bundles()
                .batchDeleteFederatedBundle(BatchDeleteFederatedBundleRequest.newBuilder()
                        .addTrustDomains(trustDomain)
                        .setMode(mode)
                        .build())
                .getResults(0);
        assertEquals(trustDomain, result.getTrustDomain());
        return result.getStatus();
    }

    @Test
    void entriesThatFederateRestrictADeletionOrGoWithIt() throws Exception {
        create(bundle("other.test").build());
        var node = server.join();
        var entry = server.create(
                TestServer.entry(node.id(), id("/federated"), "unix:uid:1").addFederatesWith("other.test"));
        var seen = TestServer.waiting(EntryGrpc.newBlockingStub(server.as(node)));

        refused(
                Code.FAILED_PRECONDITION,
                "failed to delete federated bundle: datastore-sql: cannot delete bundle; federated with 1 registration"
                        + " entries",
                delete("other.test", Mode.RESTRICT));
        assertEquals(
                1,
                seen.getAuthorizedEntries(GetAuthorizedEntriesRequest.getDefaultInstance())
                        .getEntriesCount());
        assertEquals("OK", delete("other.test", Mode.DELETE).getMessage());

        Refused.with(
                Code.NOT_FOUND,
                () -> server.entries()
                        .getEntry(GetEntryRequest.newBuilder()
                                .setId(entry.getId())
                                .build()));
        // and nodes see it at once
        assertEquals(
                0,
                seen.getAuthorizedEntries(GetAuthorizedEntriesRequest.getDefaultInstance())
                        .getEntriesCount());
        refused(Code.NOT_FOUND, "bundle not found", delete("other.test", Mode.DELETE));
    }

    @Test
    void entriesAreDissociated() throws Exception {
        create(bundle("other.test").build());
        var node = server.join();
        server.create(
                TestServer.entry(node.id(), id("/federated"), "unix:uid:1").addFederatesWith("other.test"));
        var seen = TestServer.waiting(EntryGrpc.newBlockingStub(server.as(node)));

        assertEquals(
                "other.test",
                seen.getAuthorizedEntries(GetAuthorizedEntriesRequest.getDefaultInstance())
                        .getEntries(0)
                        .getFederatesWith(0));
        assertEquals("OK", delete("other.test", Mode.DISSOCIATE).getMessage());

        var left = seen.getAuthorizedEntries(GetAuthorizedEntriesRequest.getDefaultInstance())
                .getEntries(0);
        assertEquals(0, left.getFederatesWithCount());
        assertEquals(1, left.getRevisionNumber());
        Refused.with(Code.NOT_FOUND, () -> get("other.test"));
    }

    @Test
    void aDeletionThatBreaksARuleIsRefused() {
        refused(
                Code.INVALID_ARGUMENT,
                "removing the bundle for the server trust domain is not allowed",
                delete("example.org", Mode.RESTRICT));
        assertEquals(
                "failed to parse deletion mode: unhandled delete mode \"7\"",
                Refused.with(
                        Code.INVALID_ARGUMENT,
                        () -> server.bundles()
                                .batchDeleteFederatedBundle(BatchDeleteFederatedBundleRequest.newBuilder()
                                        .setModeValue(7)
                                        .build())));
    }

    @Test
    void anEntryFederatesOnlyWithATrustDomainWhoseBundleIsThere() {
        var wanted =
                TestServer.entry(id("/node"), id("/federated"), "unix:uid:1").addFederatesWith("other.test");
        var status = server.entries()
                .batchCreateEntry(
                        BatchCreateEntryRequest.newBuilder().addEntries(wanted).build())
                .getResults(0)
                .getStatus();
        refused(
                Code.INVALID_ARGUMENT,
                "failed to create entry: unable to find federated bundle \"spiffe://other.test\"",
                status);

        create(bundle("other.test").build());

        assertEquals("other.test", server.create(wanted).getFederatesWith(0));
    }
}
