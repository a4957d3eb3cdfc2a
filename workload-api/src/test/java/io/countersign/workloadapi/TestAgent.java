// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import io.countersign.rpc.RpcServer;
import io.countersign.workloadapi.proto.JWTBundlesRequest;
import io.countersign.workloadapi.proto.JWTBundlesResponse;
import io.countersign.workloadapi.proto.JWTSVIDRequest;
import io.countersign.workloadapi.proto.JWTSVIDResponse;
import io.countersign.workloadapi.proto.SpiffeWorkloadAPIGrpc.SpiffeWorkloadAPIImplBase;
import io.countersign.workloadapi.proto.ValidateJWTSVIDRequest;
import io.countersign.workloadapi.proto.ValidateJWTSVIDResponse;
import io.countersign.workloadapi.proto.X509BundlesRequest;
import io.countersign.workloadapi.proto.X509BundlesResponse;
import io.countersign.workloadapi.proto.X509SVIDRequest;
import io.countersign.workloadapi.proto.X509SVIDResponse;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A Workload API on a real socket that answers what the test says. */
final class TestAgent extends SpiffeWorkloadAPIImplBase implements ServerInterceptor, AutoCloseable {
    private static final Metadata.Key<String> HEADER =
            Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);

    final Feed<X509SVIDResponse> x509 = new Feed<>();
    final Feed<X509BundlesResponse> x509Bundles = new Feed<>();
    final Feed<JWTSVIDResponse> jwt = new Feed<>();
    final Feed<JWTBundlesResponse> jwtBundles = new Feed<>();
    final Feed<ValidateJWTSVIDResponse> validation = new Feed<>();
    final List<JWTSVIDRequest> tokenRequests = new CopyOnWriteArrayList<>();
    final List<ValidateJWTSVIDRequest> validationRequests = new CopyOnWriteArrayList<>();
    /** By call, the values of the header that shows that the caller means this API. */
    final List<List<String>> headers = new CopyOnWriteArrayList<>();

    private final RpcServer server;

    TestAgent(Path socket) throws IOException {
        server = RpcServer.onUnixSocket(socket, 0777, List.of(bindService()), List.of(this));
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata received, ServerCallHandler<Q, A> next) {
        var values = new ArrayList<String>();
        Optional.ofNullable(received.getAll(HEADER)).ifPresent(all -> all.forEach(values::add));
        headers.add(values);
        return next.startCall(call, received);
    }

    @Override
    public void fetchX509SVID(X509SVIDRequest request, StreamObserver<X509SVIDResponse> caller) {
        x509.follow(caller);
    }

    @Override
    public void fetchX509Bundles(X509BundlesRequest request, StreamObserver<X509BundlesResponse> caller) {
        x509Bundles.follow(caller);
    }

    @Override
    public void fetchJWTBundles(JWTBundlesRequest request, StreamObserver<JWTBundlesResponse> caller) {
        jwtBundles.follow(caller);
    }

    @Override
    public void fetchJWTSVID(JWTSVIDRequest request, StreamObserver<JWTSVIDResponse> caller) {
        tokenRequests.add(request);
        jwt.answer(caller);
    }

    @Override
    public void validateJWTSVID(ValidateJWTSVIDRequest request, StreamObserver<ValidateJWTSVIDResponse> caller) {
        validationRequests.add(request);
        validation.answer(caller);
    }

    @Override
    public void close() throws Exception {
        var gone = Status.UNAVAILABLE.withDescription("the agent stops");
        List.of(x509, x509Bundles, jwtBundles).forEach(feed -> feed.refuse(gone));
        server.close();
    }
}
