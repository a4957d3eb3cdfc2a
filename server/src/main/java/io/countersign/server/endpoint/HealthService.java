// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.endpoint;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.util.function.BooleanSupplier;

/** gRPC's health service, for the server as a whole. */
final class HealthService extends HealthGrpc.HealthImplBase {
    private final BooleanSupplier healthy;

    HealthService(BooleanSupplier healthy) {
        this.healthy = healthy;
    }

    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> response) {
        if (!request.getService().isEmpty()) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("per-service health is not supported")
                    .asRuntimeException();
        }
        response.onNext(HealthCheckResponse.newBuilder()
                .setStatus(healthy.getAsBoolean() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING)
                .build());
        response.onCompleted();
    }

    /** As with the original, whose words these are, health is asked for and not watched. */
    @Override
    public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> response) {
        throw Status.UNIMPLEMENTED
                .withDescription("method Watch not implemented")
                .asRuntimeException();
    }
}
