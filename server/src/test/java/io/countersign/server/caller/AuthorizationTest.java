// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.caller;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.countersign.server.Refused;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.CountAgentsRequest;
import io.countersign.serverapi.agent.PostStatusRequest;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.countersign.spiffe.SpiffeId;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every method of the server, called as everybody. */
@Timeout(60)
class AuthorizationTest {
    private static final SpiffeId LISTED = TestConfig.id("/listed-admin");
    private static final SpiffeId ADMIN = TestConfig.id("/entry-admin");
    private static final SpiffeId DOWNSTREAM = TestConfig.id("/downstream");
    private static final SpiffeId MEMBER = TestConfig.id("/member");

    /** From SPIRE's documents: L local, A admin, G agent, D downstream, * anyone. */
    private static final Map<String, String> CALLERS = callers();

    @TempDir
    Path folder;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder, config -> TestConfig.admins(config, LISTED));
        var node = TestConfig.id("/node");
        var _ = server.create(TestServer.entry(node, ADMIN, "unix:uid:1").setAdmin(true));
        var _ = server.create(TestServer.entry(node, DOWNSTREAM, "unix:uid:2").setDownstream(true));
        var _ = server.create(TestServer.entry(node, MEMBER, "unix:uid:3"));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static Map<String, String> callers() {
        var callers = new TreeMap<String, String>();
        put(callers, "agent.v1.Agent", "LA", "CountAgents ListAgents GetAgent DeleteAgent BanAgent CreateJoinToken");
        put(callers, "agent.v1.Agent", "*", "AttestAgent");
        put(callers, "agent.v1.Agent", "G", "RenewAgent PostStatus");
        put(callers, "entry.v1.Entry", "LA", "CountEntries ListEntries GetEntry BatchCreateEntry BatchUpdateEntry");
        put(callers, "entry.v1.Entry", "LA", "BatchDeleteEntry");
        put(callers, "entry.v1.Entry", "G", "GetAuthorizedEntries SyncAuthorizedEntries");
        put(callers, "svid.v1.SVID", "LA", "MintX509SVID MintJWTSVID MintWITSVID");
        put(callers, "svid.v1.SVID", "G", "BatchNewX509SVID NewJWTSVID BatchNewWITSVID");
        put(callers, "svid.v1.SVID", "D", "NewDownstreamX509CA");
        put(callers, "bundle.v1.Bundle", "*", "GetBundle");
        put(callers, "bundle.v1.Bundle", "LAG", "GetFederatedBundle");
        put(callers, "bundle.v1.Bundle", "D", "PublishJWTAuthority PublishWITAuthority");
        put(callers, "bundle.v1.Bundle", "LA", "CountBundles AppendBundle ListFederatedBundles");
        put(callers, "bundle.v1.Bundle", "LA", "BatchCreateFederatedBundle BatchUpdateFederatedBundle");
        put(callers, "bundle.v1.Bundle", "LA", "BatchSetFederatedBundle BatchDeleteFederatedBundle");
        var authority = "localauthority.v1.LocalAuthority";
        for (var kind : List.of("JWT", "X509", "WIT")) {
            put(
                    callers,
                    authority,
                    "LA",
                    "Get%1$sAuthorityState Prepare%1$sAuthority Activate%1$sAuthority Taint%1$sAuthority Revoke%1$sAuthority"
                            .formatted(kind));
        }
        put(callers, authority, "LA", "TaintX509UpstreamAuthority RevokeX509UpstreamAuthority");
        return callers;
    }

    private static void put(Map<String, String> callers, String service, String who, String methods) {
        for (var method : methods.split(" ", -1)) {
            callers.put("spire.api.server." + service + "/" + method, who);
        }
    }

    private static Stream<MethodDescriptor<?, ?>> methods() {
        return Stream.of(
                        AgentGrpc.getServiceDescriptor(),
                        EntryGrpc.getServiceDescriptor(),
                        SVIDGrpc.getServiceDescriptor(),
                        BundleGrpc.getServiceDescriptor(),
                        LocalAuthorityGrpc.getServiceDescriptor())
                .flatMap(service -> service.getMethods().stream());
    }

    @Test
    void theTableNamesEveryMethod() {
        assertEquals(
                CALLERS.keySet(),
                methods().map(MethodDescriptor::getFullMethodName).collect(Collectors.toSet()));
    }

    @ParameterizedTest
    @CsvSource({"LOCAL,L", "AGENT,G", "ENTRY,A", "LISTED,A", "DOWNSTREAM,D", "MEMBER,-", "ANONYMOUS,-"})
    void eachMethodIsForSomeCallersOnly(String caller, char kind) throws Exception {
        var channel = channel(caller);

        assertAll(methods().map(method -> () -> {
            var name = method.getFullMethodName();
            var allowed = CALLERS.getOrDefault(name, "");
            var status = call(channel, method);
            if (allowed.equals("*") || allowed.indexOf(kind) >= 0) {
                assertNotEquals(Code.PERMISSION_DENIED, status.getCode(), name);
            } else {
                assertEquals(Code.PERMISSION_DENIED, status.getCode(), name);
                assertEquals("authorization denied for method /" + name, status.getDescription());
            }
        }));
    }

    private Channel channel(String caller) throws Exception {
        return switch (caller) {
            case "LOCAL" -> server.local();
            case "AGENT" -> server.as(server.join());
            case "ENTRY" -> server.as(server.mint(ADMIN));
            case "LISTED" -> server.as(server.mint(LISTED));
            case "DOWNSTREAM" -> server.as(server.mint(DOWNSTREAM));
            case "MEMBER" -> server.as(server.mint(MEMBER));
            case "ANONYMOUS" -> server.anonymous();
            default -> throw new AssertionError(caller);
        };
    }

    /** With a request that says nothing, so that nothing is changed by it. */
    private static <Q, A> Status call(Channel channel, MethodDescriptor<Q, A> method) throws Exception {
        var closed = new CompletableFuture<Status>();
        var call = channel.newCall(method, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
        call.start(
                new ClientCall.Listener<A>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        closed.complete(status);
                    }
                },
                new Metadata());
        call.request(10);
        call.sendMessage(method.parseRequest(new ByteArrayInputStream(new byte[0])));
        call.halfClose();
        return closed.get(20, TimeUnit.SECONDS);
    }

    @Test
    void anAdministratorIsOneOnlyAsLongAsItsEntrySaysSo() {
        var agents = TestServer.waiting(AgentGrpc.newBlockingStub(server.as(server.mint(MEMBER))));
        var entry =
                TestServer.entry(TestConfig.id("/node"), MEMBER, "unix:uid:4").setAdmin(true);
        var request = CountAgentsRequest.getDefaultInstance();
        Refused.with(Code.PERMISSION_DENIED, () -> agents.countAgents(request));

        var id = server.create(entry).getId();
        assertEquals(0, agents.countAgents(request).getCount());

        var _ = server.entries()
                .batchDeleteEntry(io.countersign.serverapi.entry.BatchDeleteEntryRequest.newBuilder()
                        .addIds(id)
                        .build());
        Refused.with(Code.PERMISSION_DENIED, () -> agents.countAgents(request));
    }

    @Test
    void aProgramThatIsNoAgentIsToldSo() throws Exception {
        var agents = TestServer.waiting(AgentGrpc.newBlockingStub(server.as(server.mint(MEMBER))));

        var reason = Refused.reason(() -> agents.postStatus(PostStatusRequest.getDefaultInstance()));

        assertEquals(Reason.AGENT_NOT_ATTESTED, reason);
    }

    @Test
    void anAgentWhoseCertificateHasEndedIsToldSo() throws Exception {
        var agents = TestServer.waiting(AgentGrpc.newBlockingStub(server.as(server.join())));
        var request = PostStatusRequest.getDefaultInstance();
        var _ = agents.postStatus(request);

        // on the connection that is open already
        server.clock.advance(server.config.lives().agent());
        var reason = Refused.reason(() -> agents.postStatus(request));

        assertEquals(Reason.AGENT_EXPIRED, reason);
    }

    @Test
    void healthIsForLocalProgramsAndForTheServerAsAWhole() {
        var request = HealthCheckRequest.getDefaultInstance();
        var local = TestServer.waiting(HealthGrpc.newBlockingStub(server.local()));
        var remote = TestServer.waiting(HealthGrpc.newBlockingStub(server.as(server.mint(LISTED))));

        assertEquals(ServingStatus.SERVING, local.check(request).getStatus());
        assertEquals(
                "per-service health is not supported",
                Refused.with(
                        Code.INVALID_ARGUMENT,
                        () -> local.check(
                                HealthCheckRequest.newBuilder().setService("x").build())));
        Refused.with(Code.UNIMPLEMENTED, () -> remote.check(request));
    }
}
