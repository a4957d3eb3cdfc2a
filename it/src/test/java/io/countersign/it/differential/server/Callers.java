// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import com.google.protobuf.ByteString;
import io.countersign.rpc.RpcChannels;
import io.countersign.rpc.TlsIdentity;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.AgentX509SVIDParams;
import io.countersign.serverapi.agent.AttestAgentRequest;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.serverapi.agent.RenewAgentRequest;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.svid.MintX509SVIDRequest;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.serverapi.types.AttestationData;
import io.countersign.serverapi.types.X509SVID;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.workloadapi.tls.SpiffeTls;
import io.countersign.workloadapi.tls.SpiffeTrustManager;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.ClientCalls;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Everybody who calls the server of one side. */
final class Callers implements AutoCloseable {
    static final String LOCAL = "local";
    static final String ANONYMOUS = "anonymous";

    private final RunningServer server;
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

    Callers(RunningServer server) {
        this.server = server;
        channels.put(LOCAL, RpcChannels.unix(server.socket()));
        channels.put(ANONYMOUS, RpcChannels.tcp("127.0.0.1", server.port(), new TlsIdentity() {
            @Override
            public X509ExtendedKeyManager keyManager() {
                return new NoCertificate();
            }

            @Override
            public X509ExtendedTrustManager trustManager() {
                return new SpiffeTrustManager(Callers.this::trusted, Callers::isServer);
            }
        }));
    }

    private static boolean isServer(SpiffeId id) {
        return id.path().equals("/spire/server");
    }

    /** Asked at each handshake: cases replace authorities, and a channel connects again also between two calls. */
    private Optional<TrustBundle> trusted(TrustDomain domain) {
        return bundle().bundle(domain);
    }

    ManagedChannel of(String caller) {
        return Optional.ofNullable(channels.get(caller))
                .orElseThrow(() -> new IllegalArgumentException("nobody is called \"" + caller + "\""));
    }

    private TrustBundle bundle() {
        var bundle = waiting(BundleGrpc.newBlockingStub(of(LOCAL))).getBundle(GetBundleRequest.getDefaultInstance());
        return TrustBundle.ofX509(
                new TrustDomain(RunningServer.TRUST_DOMAIN),
                bundle.getX509AuthoritiesList().stream()
                        .flatMap(one -> Der.parseCertificates(one.getAsn1().toByteArray()).stream())
                        .toList());
    }

    /** Also for a server that has not yet replaced its own certificate when an authority is given up. */
    private static <S extends AbstractStub<S>> S waiting(S stub) {
        return stub.withDeadlineAfter(20, TimeUnit.SECONDS).withWaitForReady();
    }

    private void add(String name, X509SVID svid, Csr csr) {
        var chain = svid.getCertChainList().stream()
                .flatMap(der -> Der.parseCertificates(der.toByteArray()).stream())
                .toList();
        var id = SpiffeId.parse(
                "spiffe://" + svid.getId().getTrustDomain() + svid.getId().getPath());
        var own = new X509Svid(id, chain, csr.keys().getPrivate(), "");
        channels.put(
                name,
                RpcChannels.tcp(
                        "127.0.0.1", server.port(), new SpiffeTls(() -> own, this::trusted, Callers::isServer)));
    }

    void join(String token) throws Exception {
        var _ = waiting(AgentGrpc.newBlockingStub(of(LOCAL)))
                .createJoinToken(CreateJoinTokenRequest.newBuilder()
                        .setTtl(600)
                        .setToken(token)
                        .build());
        var csr = Csr.parse("ec");
        var params = AttestAgentRequest.Params.newBuilder()
                .setData(AttestationData.newBuilder().setType("join_token").setPayload(ByteString.copyFromUtf8(token)))
                .setParams(AgentX509SVIDParams.newBuilder().setCsr(csr.der()));
        var stream = ClientCalls.blockingBidiStreamingCall(
                of(ANONYMOUS),
                AgentGrpc.getAttestAgentMethod(),
                CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS).withWaitForReady());
        var _ = stream.write(AttestAgentRequest.newBuilder().setParams(params).build());
        add(token, stream.read().getResult().getSvid(), csr);
        stream.halfClose();
    }

    void renew(String name, String as) {
        var csr = Csr.parse("ec");
        var renewed = waiting(AgentGrpc.newBlockingStub(of(name)))
                .renewAgent(RenewAgentRequest.newBuilder()
                        .setParams(AgentX509SVIDParams.newBuilder().setCsr(csr.der()))
                        .build());
        add(as, renewed.getSvid(), csr);
    }

    void mint(String name, String path) {
        var csr = Csr.parse("ec, uri:spiffe://" + RunningServer.TRUST_DOMAIN + path);
        var minted = waiting(SVIDGrpc.newBlockingStub(of(LOCAL)))
                .mintX509SVID(MintX509SVIDRequest.newBuilder().setCsr(csr.der()).build());
        add(name, minted.getSvid(), csr);
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
