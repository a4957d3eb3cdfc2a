// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.upstream;

import com.google.protobuf.ByteString;
import io.countersign.ca.x509.CaRequest;
import io.countersign.datastore.authority.TrustedAuthority;
import io.countersign.rpc.RpcChannels;
import io.countersign.server.config.UpstreamSettings;
import io.countersign.server.wire.Trusted;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.bundle.PublishJWTAuthorityRequest;
import io.countersign.serverapi.svid.NewDownstreamX509CARequest;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.x509.Der;
import io.countersign.workloadapi.WorkloadApiClient;
import io.countersign.workloadapi.WorkloadApiException;
import io.countersign.workloadapi.X509Source;
import io.countersign.workloadapi.tls.SpiffeTls;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Another server of this trust domain, as SPIRE's {@code UpstreamAuthority "spire"}. An agent of that server gives this one
 * the identity with which it asks; its entry there has the flag {@code downstream}. The connection is made by the first call
 * and stays.
 */
public final class SpireUpstream implements UpstreamAuthority {
    private static final Duration FIRST_IDENTITY = Duration.ofSeconds(60);
    private static final long PATIENCE_SECONDS = 30;

    private final UpstreamSettings.Spire settings;
    private final SpiffeId server;
    private Optional<Connection> connection = Optional.empty();

    private record Connection(WorkloadApiClient agent, X509Source source, ManagedChannel channel) {
        void close() {
            channel.shutdownNow();
            source.close();
            agent.close();
        }
    }

    public SpireUpstream(UpstreamSettings.Spire settings, TrustDomain trustDomain) {
        this.settings = settings;
        this.server = SpiffeId.of(trustDomain, "/spire/server");
    }

    @Override
    public Signed sign(CaRequest request, Duration ttl) throws IOException {
        var wanted = NewDownstreamX509CARequest.newBuilder()
                .setCsr(ByteString.copyFrom(request.der()))
                .setPreferredTtl(Math.toIntExact(ttl.toSeconds()))
                .build();
        var chain = ask(
                "sign an authority",
                channel ->
                        waiting(SVIDGrpc.newBlockingStub(channel))
                                .newDownstreamX509CA(wanted)
                                .getCaCertChainList()
                                .stream()
                                .flatMap(der -> Der.parseCertificates(der.toByteArray()).stream())
                                .toList());
        // what the answer says of the roots leaves out which are tainted
        var roots = fetch().stream().filter(Trusted::isRoot).toList();
        return new Signed(chain, roots);
    }

    @Override
    public Optional<List<TrustedAuthority>> publish(TrustedAuthority key) throws IOException {
        var wanted = PublishJWTAuthorityRequest.newBuilder()
                .setJwtAuthority(Trusted.message(key))
                .build();
        return Optional.of(
                ask(
                        "publish a key",
                        channel -> waiting(BundleGrpc.newBlockingStub(channel))
                                .publishJWTAuthority(wanted)
                                .getJwtAuthoritiesList()
                                .stream()
                                .map(Trusted::key)
                                .toList()));
    }

    @Override
    public Optional<List<TrustedAuthority>> bundle() throws IOException {
        return Optional.of(fetch());
    }

    private List<TrustedAuthority> fetch() throws IOException {
        return ask(
                "give its bundle",
                channel -> Trusted.all(
                        waiting(BundleGrpc.newBlockingStub(channel)).getBundle(GetBundleRequest.getDefaultInstance())));
    }

    private static <S extends AbstractStub<S>> S waiting(S stub) {
        return stub.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private <T> T ask(String what, Function<ManagedChannel, T> call) throws IOException {
        var channel = connection().channel();
        try {
            return call.apply(channel);
        } catch (StatusRuntimeException e) {
            // gRPC's own pause between connections grows to two minutes
            channel.resetConnectBackoff();
            throw new IOException(words() + " does not " + what + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IOException(words() + " does not " + what + " that can be understood: " + e.getMessage(), e);
        }
    }

    private String words() {
        return "the upstream server " + settings.host() + ":" + settings.port();
    }

    private synchronized Connection connection() throws IOException {
        if (connection.isEmpty()) {
            connection = Optional.of(connect());
        }
        return connection.get();
    }

    private Connection connect() throws IOException {
        var agent = WorkloadApiClient.connect("unix://" + settings.workloadApi().toAbsolutePath());
        try {
            var source = X509Source.open(agent, FIRST_IDENTITY);
            var channel = RpcChannels.tcp(settings.host(), settings.port(), SpiffeTls.of(source, server::equals));
            return new Connection(agent, source, channel);
        } catch (WorkloadApiException e) {
            agent.close();
            throw new IOException(
                    "this server has no identity for " + words() + " from the agent at " + settings.workloadApi() + ": "
                            + e.getMessage() + "; register it there with -downstream",
                    e);
        } catch (InterruptedException e) {
            agent.close();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the agent at " + settings.workloadApi(), e);
        }
    }

    @Override
    public synchronized void close() {
        connection.ifPresent(Connection::close);
        connection = Optional.empty();
    }
}
