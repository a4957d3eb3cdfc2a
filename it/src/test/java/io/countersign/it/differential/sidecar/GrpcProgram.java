// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.spiffe.x509.Pem;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A server of gRPC that does what the name of the service says that it is asked about. */
final class GrpcProgram extends HealthGrpc.HealthImplBase implements AutoCloseable {
    static final Metadata.Key<String> TOLD = Metadata.Key.of("x-told", Metadata.ASCII_STRING_MARSHALLER);
    static final Metadata.Key<byte[]> BYTES = Metadata.Key.of("x-told-bin", Metadata.BINARY_BYTE_MARSHALLER);
    static final int MANY = 500;

    private final AtomicInteger calls = new AtomicInteger();
    private final Server server;

    private GrpcProgram(ServerCredentials credentials) throws IOException {
        server = Grpc.newServerBuilderForPort(0, credentials)
                .addService(this)
                .addService(GrpcWords.service(told()))
                .build()
                .start();
    }

    static GrpcProgram open() throws IOException {
        return new GrpcProgram(InsecureServerCredentials.create());
    }

    static GrpcProgram secure(Credential own) throws IOException {
        return new GrpcProgram(TlsServerCredentials.create(chain(own), key(own)));
    }

    static InputStream chain(Credential own) {
        return stream(Pem.certificates(own.chain()));
    }

    static InputStream key(Credential own) {
        return stream(Pem.privateKey(own.key()));
    }

    private static InputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    int port() {
        return server.getPort();
    }

    /** How many have come since this was last asked. */
    int take() {
        return calls.getAndSet(0);
    }

    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> caller) {
        calls.incrementAndGet();
        answer(request.getService(), caller, 1);
    }

    @Override
    public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> caller) {
        calls.incrementAndGet();
        answer(request.getService(), caller, MANY);
    }

    private static void answer(String what, StreamObserver<HealthCheckResponse> caller, int count) {
        if (what.equals("refuse")) {
            caller.onError(Status.NOT_FOUND
                    .withDescription("nothing of \u00e4 100 % name")
                    .asException(told()));
            return;
        }
        for (int i = 0; i < count; i++) {
            caller.onNext(HealthCheckResponse.newBuilder()
                    .setStatus(i % 2 == 0 ? ServingStatus.SERVING : ServingStatus.NOT_SERVING)
                    .build());
        }
        if (what.equals("fail")) {
            caller.onError(
                    Status.DATA_LOSS.withDescription("behind the last message").asException(told()));
        } else {
            caller.onCompleted();
        }
    }

    private static Metadata told() {
        var told = new Metadata();
        told.put(TOLD, "in the trailers");
        told.put(BYTES, new byte[] {0, 1, -1});
        return told;
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow();
        if (!server.awaitTermination(10, TimeUnit.SECONDS)) {
            throw new AssertionError("a server of gRPC does not end");
        }
    }
}
