// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import com.google.protobuf.ByteString;
import io.countersign.launch.Closing;
import io.countersign.rpc.RpcChannels;
import io.countersign.rpc.TlsIdentity;
import io.countersign.server.config.ServerConfig;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.AgentX509SVIDParams;
import io.countersign.serverapi.agent.AttestAgentRequest;
import io.countersign.serverapi.agent.AttestAgentResponse;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.svid.MintX509SVIDRequest;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.serverapi.trustdomain.TrustDomainGrpc;
import io.countersign.serverapi.types.AttestationData;
import io.countersign.serverapi.types.Bundle;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.Selector;
import io.countersign.serverapi.types.X509SVID;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.tls.SpiffeTls;
import io.countersign.workloadapi.tls.SpiffeTrustManager;
import io.grpc.ManagedChannel;
import io.grpc.stub.AbstractStub;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** A running server with real sockets and a real database, and the ways into it. */
public final class TestServer implements AutoCloseable {
    public final TestClock clock;
    public final ServerConfig config;

    private final Closing closing = new Closing();
    private final Server server;
    private final ManagedChannel local;

    private TestServer(ServerConfig config, TestClock clock) throws IOException {
        this.clock = clock;
        this.config = config;
        server = closing.add(Server.start(config, clock));
        local = opened(RpcChannels.unix(config.socketPath()));
    }

    public static TestServer start(Path folder) throws IOException {
        return start(folder, config -> config);
    }

    public static TestServer start(Path folder, UnaryOperator<ServerConfig> change) throws IOException {
        return new TestServer(change.apply(TestConfig.of(folder)), new TestClock());
    }

    /** Another server with the same files, after this one was closed. */
    public TestServer again() throws IOException {
        return new TestServer(config, clock);
    }

    public int port() {
        return server.port();
    }

    /** With a deadline, so that no test waits forever. */
    public static <S extends AbstractStub<S>> S waiting(S stub) {
        return stub.withDeadlineAfter(50, TimeUnit.SECONDS);
    }

    /** Through the socket that only local programs can open. */
    public ManagedChannel local() {
        return local;
    }

    /** Over TCP with that certificate. */
    public ManagedChannel as(X509Svid svid) {
        var trusted = bundle();
        return opened(RpcChannels.tcp("127.0.0.1", port(), new SpiffeTls(() -> svid, trusted, id -> true)));
    }

    /** Over TCP without a certificate, as a node that is about to join. */
    public ManagedChannel anonymous() {
        var trusted = bundle();
        return opened(RpcChannels.tcp("127.0.0.1", port(), new TlsIdentity() {
            @Override
            public X509ExtendedKeyManager keyManager() {
                return new NoCertificate();
            }

            @Override
            public X509ExtendedTrustManager trustManager() {
                return new SpiffeTrustManager(trusted, id -> id.path().equals("/spire/server"));
            }
        }));
    }

    private ManagedChannel opened(ManagedChannel channel) {
        closing.add(channel::shutdownNow);
        return channel;
    }

    public EntryGrpc.EntryBlockingStub entries() {
        return waiting(EntryGrpc.newBlockingStub(local));
    }

    public AgentGrpc.AgentBlockingStub agents() {
        return waiting(AgentGrpc.newBlockingStub(local));
    }

    public SVIDGrpc.SVIDBlockingStub svids() {
        return waiting(SVIDGrpc.newBlockingStub(local));
    }

    public BundleGrpc.BundleBlockingStub bundles() {
        return waiting(BundleGrpc.newBlockingStub(local));
    }

    public TrustDomainGrpc.TrustDomainBlockingStub trustDomains() {
        return waiting(TrustDomainGrpc.newBlockingStub(local));
    }

    /** Of the bundle endpoint, which the configuration must have. */
    public int bundlePort() {
        return server.bundlePort().orElseThrow();
    }

    public Bundle published() {
        return bundles().getBundle(GetBundleRequest.getDefaultInstance());
    }

    public TrustBundle bundle() {
        return TrustBundle.ofX509(
                config.trustDomain(),
                published().getX509AuthoritiesList().stream()
                        .flatMap(one -> Der.parseCertificates(one.getAsn1().toByteArray()).stream())
                        .toList());
    }

    /** Comes in with a fresh token. */
    public X509Svid join() throws Exception {
        return join(agents().createJoinToken(
                        CreateJoinTokenRequest.newBuilder().setTtl(60).build())
                .getValue());
    }

    public X509Svid join(String token) throws Exception {
        var request = Request.bare();
        var replies = attest(attestation("join_token", token, request.der()));
        var svid = replies.next().getResult().getSvid();
        var end = replies.end();
        if (end.isPresent()) {
            throw new AssertionError(end.get());
        }
        return svid(svid, request.keys());
    }

    /** Over TCP, without a certificate. */
    public Replies<AttestAgentResponse> attest(AttestAgentRequest request) {
        var replies = new Replies<AttestAgentResponse>();
        var requests = waiting(AgentGrpc.newStub(anonymous())).attestAgent(replies);
        requests.onNext(request);
        return replies;
    }

    public static AttestAgentRequest attestation(String type, String payload, ByteString csr) {
        return AttestAgentRequest.newBuilder()
                .setParams(AttestAgentRequest.Params.newBuilder()
                        .setData(
                                AttestationData.newBuilder().setType(type).setPayload(ByteString.copyFromUtf8(payload)))
                        .setParams(AgentX509SVIDParams.newBuilder().setCsr(csr)))
                .build();
    }

    public X509Svid mint(SpiffeId id) {
        var request = Request.uris("", id.toString());
        var minted = svids().mintX509SVID(
                        MintX509SVIDRequest.newBuilder().setCsr(request.der()).build());
        return svid(minted.getSvid(), request.keys());
    }

    public static X509Svid svid(X509SVID message, KeyPair keys) {
        var chain = message.getCertChainList().stream()
                .flatMap(der -> Der.parseCertificates(der.toByteArray()).stream())
                .toList();
        var id = SpiffeId.parse(
                "spiffe://" + message.getId().getTrustDomain() + message.getId().getPath());
        return new X509Svid(id, chain, keys.getPrivate(), "");
    }

    /** @param selectors such as {@code unix:uid:1} */
    public static Entry.Builder entry(SpiffeId parent, SpiffeId id, String... selectors) {
        return Entry.newBuilder()
                .setParentId(Ids.message(parent))
                .setSpiffeId(Ids.message(id))
                .addAllSelectors(
                        Arrays.stream(selectors).map(TestServer::selector).toList());
    }

    public static Selector selector(String text) {
        int colon = text.indexOf(':');
        return Selector.newBuilder()
                .setType(text.substring(0, colon))
                .setValue(text.substring(colon + 1))
                .build();
    }

    /** Creates it; it must be new. */
    public Entry create(Entry.Builder entry) {
        var result = entries()
                .batchCreateEntry(BatchCreateEntryRequest.newBuilder()
                        .addAllEntries(List.of(entry.build()))
                        .build())
                .getResults(0);
        if (result.getStatus().getCode() != 0) {
            throw new AssertionError(result.getStatus());
        }
        return result.getEntry();
    }

    @Override
    public void close() {
        closing.close();
    }
}
