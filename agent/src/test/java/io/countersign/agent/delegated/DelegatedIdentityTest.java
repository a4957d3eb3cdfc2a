// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.delegated;

import static io.countersign.agent.TestDomain.ABROAD;
import static io.countersign.agent.TestDomain.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.countersign.agent.FakeServer;
import io.countersign.agent.TestEndpoint;
import io.countersign.agent.TestEndpoint.Options;
import io.countersign.agent.endpoint.AdminEndpoint;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.server.ServerConnection;
import io.countersign.agentapi.delegated.DelegatedIdentityGrpc;
import io.countersign.agentapi.delegated.FetchJWTSVIDsRequest;
import io.countersign.agentapi.delegated.FetchJWTSVIDsResponse;
import io.countersign.agentapi.delegated.SubscribeToJWTBundlesRequest;
import io.countersign.agentapi.delegated.SubscribeToX509BundlesRequest;
import io.countersign.agentapi.delegated.SubscribeToX509SVIDsRequest;
import io.countersign.agentapi.delegated.SubscribeToX509SVIDsResponse;
import io.countersign.rpc.RpcChannels;
import io.countersign.rpc.RpcServer;
import io.countersign.serverapi.types.Selector;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.x509.Der;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A delegate, which is this process, over the admin socket. */
final class DelegatedIdentityTest {
    private static final String ONE_OF_THEM = "must provide either selectors or non-zero PID, but not both";

    @TempDir
    private Path folder;

    private FakeServer server;
    private TestEndpoint endpoint;
    private RpcServer admin;
    private ManagedChannel channel;

    @BeforeEach
    void open() throws Exception {
        server = FakeServer.start();
        var node = server.domain.issue("/spire/agent/join_token/x");
        var toServer =
                new ServerConnection("127.0.0.1", server.port(), HOME).asNode(() -> node, server.domain.bundle());
        endpoint = new TestEndpoint(folder, Options.standard(), toServer, server.clock);
        admin = AdminEndpoint.open(
                folder.resolve("admin.sock"),
                List.of(new DelegatedIdentityService(
                                endpoint.attestors,
                                Set.of(endpoint.home.id("/delegate")),
                                endpoint.snapshots,
                                endpoint.tokens)
                        .bindService()),
                List.of());
        channel = RpcChannels.unix(folder.resolve("admin.sock"));
        endpoint.put(delegate(), workload("w"));
        server.change(server.entry("w", "/workload"));
    }

    @AfterEach
    void close() throws Exception {
        channel.shutdownNow();
        admin.close();
        endpoint.close();
        server.close();
    }

    private RegistrationEntry delegate() {
        return endpoint.entry("d", "/delegate");
    }

    /** Of a process that is not here. */
    private RegistrationEntry workload(String id) {
        return endpoint.entry(id, "/workload", "hint", TestEndpoint.elsewhere(), ABROAD);
    }

    private static Selector elsewhere() {
        return message(TestEndpoint.elsewhere());
    }

    private static Selector message(io.countersign.agent.entry.Selector selector) {
        return Selector.newBuilder()
                .setType(selector.type())
                .setValue(selector.value())
                .build();
    }

    private static SubscribeToX509SVIDsRequest bySelectors(Selector... selectors) {
        return SubscribeToX509SVIDsRequest.newBuilder()
                .addAllSelectors(List.of(selectors))
                .build();
    }

    private static SubscribeToX509SVIDsRequest byPid(long pid) {
        return SubscribeToX509SVIDsRequest.newBuilder()
                .setPid(Math.toIntExact(pid))
                .build();
    }

    private BlockingClientCall<?, SubscribeToX509SVIDsResponse> subscribe(SubscribeToX509SVIDsRequest request) {
        return DelegatedIdentityGrpc.newBlockingV2Stub(channel).subscribeToX509SVIDs(request);
    }

    private static <A> A next(BlockingClientCall<?, A> call) throws Exception {
        return Objects.requireNonNull(call.read(20, TimeUnit.SECONDS));
    }

    private static void assertRefused(Code code, String words, Executable call) {
        var failure = assertThrows(Exception.class, call);
        var status = switch (failure) {
            case StatusException checked -> checked.getStatus();
            case StatusRuntimeException unchecked -> unchecked.getStatus();
            default -> throw new AssertionError(failure);
        };
        assertEquals(code, status.getCode(), status::toString);
        assertTrue(String.valueOf(status.getDescription()).startsWith(words), status::toString);
    }

    private void assertRefused(Code code, String words, SubscribeToX509SVIDsRequest request) {
        assertRefused(code, words, () -> next(subscribe(request)));
    }

    @Test
    void selectorsGetTheIdentitiesWithTheirKeysAndEachRenewal() throws Exception {
        var stream = subscribe(bySelectors(elsewhere()));
        var first = next(stream);

        assertEquals(1, first.getX509SvidsCount());
        var svid = first.getX509Svids(0);
        var held = endpoint.held("w").svid();
        assertEquals("/workload", svid.getX509Svid().getId().getPath());
        assertEquals("example.org", svid.getX509Svid().getId().getTrustDomain());
        assertEquals("hint", svid.getX509Svid().getHint());
        assertEquals(held.expiresAt().getEpochSecond(), svid.getX509Svid().getExpiresAt());
        assertEquals(
                List.of(held.leaf()),
                Der.parseCertificates(svid.getX509Svid().getCertChain(0).toByteArray()));
        assertEquals(ByteString.copyFrom(held.privateKey().getEncoded()), svid.getX509SvidKey());
        assertEquals(List.of("spiffe://abroad.org"), first.getFederatesWithList());

        endpoint.rotate("w");
        assertNotEquals(first, next(stream));
        endpoint.put(delegate());
        assertEquals(SubscribeToX509SVIDsResponse.getDefaultInstance(), next(stream));
    }

    @Test
    void aDelegateHasToKnowAllSelectorsAndMayKnowMore() throws Exception {
        var more = Selector.newBuilder().setType("k8s").setValue("ns:a").build();
        assertEquals(1, next(subscribe(bySelectors(more, elsewhere()))).getX509SvidsCount());
        assertEquals(0, next(subscribe(bySelectors(more))).getX509SvidsCount());
    }

    @Test
    void whoIsMeantIsSaidInOneWay() {
        assertRefused(Code.INVALID_ARGUMENT, ONE_OF_THEM, bySelectors());
        assertRefused(
                Code.INVALID_ARGUMENT,
                ONE_OF_THEM,
                bySelectors(elsewhere()).toBuilder().setPid(1).build());
        for (var wrong : List.of(
                Selector.newBuilder().setValue("v").build(),
                Selector.newBuilder().setType("t").build(),
                Selector.newBuilder().setType("t:u").setValue("v").build())) {
            assertRefused(Code.INVALID_ARGUMENT, "could not parse provided selectors", bySelectors(wrong));
        }
    }

    @Test
    void aProcessIsAttestedByItsNumber() throws Exception {
        endpoint.put(delegate(), workload("w"), endpoint.entry("h", "/here"));
        var svids = next(subscribe(byPid(ProcessHandle.current().pid()))).getX509SvidsList().stream()
                .map(svid -> svid.getX509Svid().getId().getPath())
                .toList();
        assertEquals(List.of("/delegate", "/here"), svids);
        assertRefused(Code.UNAVAILABLE, "workload attestation failed", byPid(Integer.MAX_VALUE));
    }

    @Test
    void aProcessThatHasEndedGetsNothingMore() throws Exception {
        BlockingClientCall<?, SubscribeToX509SVIDsResponse> stream;
        // waits for what nobody writes to it
        var child = new ProcessBuilder("cat").start();
        try {
            stream = subscribe(byPid(child.pid()));
            assertEquals(1, next(stream).getX509SvidsCount());
        } finally {
            child.destroyForcibly().waitFor();
        }
        endpoint.rotate("d");
        assertRefused(Code.UNAVAILABLE, "the process that was named is not there any more", () -> next(stream));
    }

    @Test
    void nobodyActsForAdministratorsAndServers() throws Exception {
        var entry = workload("p");
        endpoint.put(
                delegate(),
                new RegistrationEntry(
                        "p", entry.spiffeId(), entry.selectors(), Set.of(), "", 1, Instant.EPOCH, false, true));
        assertEquals(0, next(subscribe(bySelectors(elsewhere()))).getX509SvidsCount());
        assertRefused(Code.PERMISSION_DENIED, "no identity issued", () -> fetch(List.of("x"), elsewhere()));
    }

    @Test
    void onlyADelegateIsServed() {
        endpoint.put(endpoint.entry("x", "/other"), workload("w"));
        var words = "caller not configured as an authorized delegate";
        assertRefused(Code.PERMISSION_DENIED, words, bySelectors(elsewhere()));
        assertRefused(Code.PERMISSION_DENIED, words, () -> fetch(List.of("x"), elsewhere()));
        assertRefused(Code.PERMISSION_DENIED, words, () -> next(x509Bundles()));
        assertRefused(Code.PERMISSION_DENIED, words, () -> next(jwtBundles()));
        endpoint.put(workload("w"));
        assertRefused(Code.PERMISSION_DENIED, "no identity issued", bySelectors(elsewhere()));
    }

    @Test
    void whoIsNoDelegateAnyMoreLosesItsStreams() throws Exception {
        var svids = subscribe(bySelectors(elsewhere()));
        var x509 = x509Bundles();
        var jwt = jwtBundles();
        var _ = next(svids);
        var _ = next(x509);
        var _ = next(jwt);

        endpoint.put(workload("w"));

        assertRefused(Code.PERMISSION_DENIED, "no identity issued", () -> next(svids));
        assertRefused(Code.PERMISSION_DENIED, "no identity issued", () -> next(x509));
        assertRefused(Code.PERMISSION_DENIED, "no identity issued", () -> next(jwt));
    }

    private BlockingClientCall<?, io.countersign.agentapi.delegated.SubscribeToX509BundlesResponse> x509Bundles() {
        return DelegatedIdentityGrpc.newBlockingV2Stub(channel)
                .subscribeToX509Bundles(SubscribeToX509BundlesRequest.getDefaultInstance());
    }

    private BlockingClientCall<?, io.countersign.agentapi.delegated.SubscribeToJWTBundlesResponse> jwtBundles() {
        return DelegatedIdentityGrpc.newBlockingV2Stub(channel)
                .subscribeToJWTBundles(SubscribeToJWTBundlesRequest.getDefaultInstance());
    }

    @Test
    void bundlesAreAllThatTheNodeKnows() throws Exception {
        var x509 = x509Bundles();
        assertEquals(
                Set.of("spiffe://example.org", "spiffe://abroad.org"),
                next(x509).getCaCertificatesMap().keySet());
        var jwt = next(jwtBundles()).getBundlesMap();
        assertEquals(ByteString.copyFromUtf8(endpoint.abroad.bundle().toJwks()), jwt.get("spiffe://abroad.org"));

        endpoint.forget(ABROAD);
        assertEquals(
                Set.of("spiffe://example.org"),
                next(x509).getCaCertificatesMap().keySet());
    }

    @Test
    void aDomainOfTokenKeysAloneHasNoCertificatesToTell() throws Exception {
        endpoint.trust(TrustBundle.ofJwt(ABROAD, endpoint.abroad.bundle().jwtAuthorities()));

        assertEquals(
                Set.of("spiffe://example.org"),
                next(x509Bundles()).getCaCertificatesMap().keySet());
        assertEquals(List.of(), next(subscribe(bySelectors(elsewhere()))).getFederatesWithList());
        assertEquals(2, next(jwtBundles()).getBundlesCount());
    }

    private FetchJWTSVIDsResponse fetch(List<String> audience, Selector... selectors) {
        return DelegatedIdentityGrpc.newBlockingStub(channel)
                .fetchJWTSVIDs(FetchJWTSVIDsRequest.newBuilder()
                        .addAllAudience(audience)
                        .addAllSelectors(List.of(selectors))
                        .build());
    }

    @Test
    void tokensAreFetchedForOthers() throws Exception {
        var svid = fetch(List.of("x"), elsewhere()).getSvids(0);
        var token =
                JwtSvid.parseAndValidate(svid.getToken(), server.domain.bundle(), Set.of("x"), server.clock.instant());
        assertEquals("/workload", svid.getId().getPath());
        assertEquals("hint", svid.getHint());
        assertEquals(token.expiresAt().getEpochSecond(), svid.getExpiresAt());
        assertEquals(server.clock.instant().getEpochSecond(), svid.getIssuedAt());

        assertRefused(Code.INVALID_ARGUMENT, "audience must be specified", () -> fetch(List.of(), elsewhere()));
        assertRefused(Code.INVALID_ARGUMENT, ONE_OF_THEM, () -> fetch(List.of("x")));
        server.goAway();
        assertRefused(Code.UNAVAILABLE, "could not fetch JWT-SVID: ", () -> fetch(List.of("y"), elsewhere()));
    }

    @Test
    void theSocketIsNotForEverybody() throws Exception {
        assertEquals(0770, (int) Files.getAttribute(folder.resolve("admin.sock"), "unix:mode") & 0777);
    }
}
