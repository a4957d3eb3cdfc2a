// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import io.countersign.rpc.RpcChannels;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.workloadapi.proto.JWTBundlesRequest;
import io.countersign.workloadapi.proto.JWTSVIDRequest;
import io.countersign.workloadapi.proto.JWTSVIDResponse;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc.SpiffeWorkloadAPIBlockingStub;
import io.countersign.workloadapi.proto.ValidateJWTSVIDRequest;
import io.countersign.workloadapi.proto.ValidateJWTSVIDResponse;
import io.countersign.workloadapi.proto.X509BundlesRequest;
import io.countersign.workloadapi.proto.X509SVIDRequest;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Asks the local agent for identities. The {@code fetch} methods ask once and wait at most the time-out; the {@code watch}
 * methods follow all changes until they are closed, also through restarts of the agent. An answer may have 64 MiB.
 * Thread-safe; close it.
 */
public final class WorkloadApiClient implements AutoCloseable {
    /** Sent with every call, so that a forged request of a proxied workload is refused (SPIFFE Workload Endpoint, section 6). */
    private static final Metadata.Key<String> SECURITY_HEADER =
            Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);

    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

    /** The bundles of many federated trust domains are more than gRPC's 4 MiB. */
    private static final int LARGEST_ANSWER = 64 << 20;

    private final ManagedChannel channel;
    private final SpiffeWorkloadAPIBlockingStub stub;
    private final Duration timeout;

    private WorkloadApiClient(Path socket, Duration timeout) {
        var header = new Metadata();
        header.put(SECURITY_HEADER, "true");
        this.channel = RpcChannels.unix(socket);
        this.stub = SpiffeWorkloadAPIGrpc.newBlockingStub(channel)
                .withMaxInboundMessageSize(LARGEST_ANSWER)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(header));
        this.timeout = timeout;
    }

    /** {@code address} is like {@code unix:///run/agent.sock}; nothing is dialled before the first call. */
    public static WorkloadApiClient connect(String address) {
        return connect(address, DEFAULT_TIMEOUT);
    }

    public static WorkloadApiClient connect(String address, Duration timeout) {
        return new WorkloadApiClient(EndpointAddress.parse(address), timeout);
    }

    /**
     * Uses the address in {@code SPIFFE_ENDPOINT_SOCKET}, which no other {@code connect} looks at.
     *
     * @throws IllegalArgumentException if it is not set or no address
     */
    public static WorkloadApiClient connect() {
        var address = System.getenv(EndpointAddress.VARIABLE);
        if (address == null || address.isEmpty()) {
            throw new IllegalArgumentException(EndpointAddress.VARIABLE
                    + " is not set, expected the address of the Workload API like unix:///path/of/the/socket;"
                    + " set it, or configure the address");
        }
        return connect(address);
    }

    public X509Context fetchX509Context() {
        return first(
                "fetch X.509-SVIDs", s -> s.fetchX509SVID(X509SVIDRequest.getDefaultInstance()), Decode::x509Context);
    }

    public Map<TrustDomain, TrustBundle> fetchX509Bundles() {
        return first(
                "fetch X.509 bundles",
                s -> s.fetchX509Bundles(X509BundlesRequest.getDefaultInstance()),
                Decode::x509Bundles);
    }

    public Map<TrustDomain, TrustBundle> fetchJwtBundles() {
        return first(
                "fetch JWT bundles",
                s -> s.fetchJWTBundles(JWTBundlesRequest.getDefaultInstance()),
                Decode::jwtBundles);
    }

    /** A token of the default identity for one audience. */
    public JwtSvid fetchJwtSvid(String audience) {
        return fetchJwtSvids(List.of(audience), Optional.empty()).getFirst();
    }

    public JwtSvid fetchJwtSvid(String audience, List<String> extra) {
        var audiences = new ArrayList<>(List.of(audience));
        audiences.addAll(extra);
        return fetchJwtSvids(audiences, Optional.empty()).getFirst();
    }

    /** A token for each identity of this workload, or for the one named; never empty. */
    public List<JwtSvid> fetchJwtSvids(List<String> audiences, Optional<SpiffeId> id) {
        return once(
                "fetch JWT-SVIDs",
                s -> askJwtSvids(s, audiences, id),
                response ->
                        response.getSvidsList().stream().map(Decode::jwtSvid).toList());
    }

    /** As {@link #fetchJwtSvids}, undecoded, with the hints that only the message holds. */
    public JWTSVIDResponse fetchJwtSvidMessage(List<String> audiences, Optional<SpiffeId> id) {
        return once("fetch JWT-SVIDs", s -> askJwtSvids(s, audiences, id), Function.identity());
    }

    private static JWTSVIDResponse askJwtSvids(
            SpiffeWorkloadAPIBlockingStub stub, List<String> audiences, Optional<SpiffeId> id) {
        var request = JWTSVIDRequest.newBuilder().addAllAudience(audiences);
        id.ifPresent(named -> request.setSpiffeId(named.toString()));
        var response = stub.fetchJWTSVID(request.build());
        if (response.getSvidsCount() == 0) {
            throw new IllegalArgumentException("no token came, expected at least one");
        }
        return response;
    }

    /** Lets the agent check a token. */
    public ValidateJWTSVIDResponse validateJwtSvid(String audience, String token) {
        var request = ValidateJWTSVIDRequest.newBuilder()
                .setAudience(audience)
                .setSvid(token)
                .build();
        return once("validate a JWT-SVID", s -> s.validateJWTSVID(request), Function.identity());
    }

    public AutoCloseable watchX509Context(Watcher<X509Context> watcher) {
        return watch(
                "watch X.509-SVIDs",
                () -> stub.fetchX509SVID(X509SVIDRequest.getDefaultInstance()),
                Decode::x509Context,
                watcher);
    }

    public AutoCloseable watchX509Bundles(Watcher<Map<TrustDomain, TrustBundle>> watcher) {
        return watch(
                "watch X.509 bundles",
                () -> stub.fetchX509Bundles(X509BundlesRequest.getDefaultInstance()),
                Decode::x509Bundles,
                watcher);
    }

    public AutoCloseable watchJwtBundles(Watcher<Map<TrustDomain, TrustBundle>> watcher) {
        return watch(
                "watch JWT bundles",
                () -> stub.fetchJWTBundles(JWTBundlesRequest.getDefaultInstance()),
                Decode::jwtBundles,
                watcher);
    }

    private <M, T> AutoCloseable watch(
            String name, Supplier<Iterator<M>> open, Function<M, T> decode, Watcher<T> watcher) {
        return new Watch<>(name, channel, open, decode, watcher).start();
    }

    private <M, T> T first(
            String asked, Function<SpiffeWorkloadAPIBlockingStub, Iterator<M>> call, Function<M, T> decode) {
        var context = Context.current().withCancellation();
        try {
            return context.call(() -> once(asked, s -> firstOf(call.apply(s)), decode));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("no checked exception is thrown here", e);
        } finally {
            // the stream would go on for ever
            context.cancel(null);
        }
    }

    private static <M> M firstOf(Iterator<M> messages) {
        if (!messages.hasNext()) {
            throw new IllegalArgumentException("the stream ended without a message");
        }
        return messages.next();
    }

    private <M, T> T once(String asked, Function<SpiffeWorkloadAPIBlockingStub, M> call, Function<M, T> decode) {
        try {
            return decode.apply(call.apply(stub.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)));
        } catch (StatusRuntimeException e) {
            throw WorkloadApiException.of(asked, e);
        } catch (IllegalArgumentException e) {
            throw WorkloadApiException.malformed(asked, e);
        }
    }

    /** Ends all watches and calls. */
    @Override
    public void close() {
        channel.shutdownNow();
    }
}
