// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import io.countersign.rpc.RpcServer;
import io.countersign.sdsapi.auth.AuthorizationGrpc;
import io.countersign.sdsapi.auth.CheckRequest;
import io.countersign.sdsapi.auth.CheckResponse;
import io.countersign.sdsapi.core.HeaderValue;
import io.countersign.sdsapi.core.HeaderValueOption;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/** An authorization service on a Unix socket, which remembers what it was told. */
final class TestAuthorizer implements AutoCloseable {
    final List<CheckRequest> requests = new CopyOnWriteArrayList<>();
    /** Answers come when it is open. */
    volatile CountDownLatch gate = new CountDownLatch(0);
    /** May throw {@link IllegalStateException}, which the caller sees as an error of the service. */
    volatile Function<CheckRequest, CheckResponse> decision = request -> CheckResponse.getDefaultInstance();

    private final RpcServer server;

    TestAuthorizer(Path socket) throws IOException {
        server = RpcServer.onUnixSocket(socket, 0777, List.of(new Service().bindService()), List.of());
    }

    static HeaderValueOption header(String name, String value) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
                .build();
    }

    private final class Service extends AuthorizationGrpc.AuthorizationImplBase {
        @Override
        public void check(CheckRequest request, StreamObserver<CheckResponse> responses) {
            requests.add(request);
            try {
                gate.await();
                responses.onNext(decision.apply(request));
                responses.onCompleted();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IllegalStateException e) {
                responses.onError(
                        Status.INTERNAL.withDescription(e.getMessage()).asRuntimeException());
            }
        }
    }

    @Override
    public void close() throws Exception {
        gate.countDown();
        server.close();
    }
}
