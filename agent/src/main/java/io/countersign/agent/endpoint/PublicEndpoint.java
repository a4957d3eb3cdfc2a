// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.endpoint;

import io.countersign.agent.config.CallerLimits;
import io.countersign.agent.explain.RefusedCalls;
import io.countersign.rpc.RpcServer;
import io.countersign.rpc.SocketLimits;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The socket that every program on the machine may call. */
public final class PublicEndpoint {
    private static final int EVERYBODY = 0777;
    /** A first request of Envoy lists all its extensions, and one of 4,096 secrets may name them by long IDs. */
    private static final int LARGEST_REQUEST = 1 << 20;
    /** More than a process may have open, so that who has too many is told and does not wait for a stream. */
    private static final int TOLD = 100;

    private PublicEndpoint() {}

    /**
     * Opens it, with gRPC's services of health and of reflection beside those given (SPIFFE Workload Endpoint, section 7).
     *
     * @param limits of one process
     * @param refused where it is noted who was refused
     * @param around what stands around all that decides who is served, the outermost first
     */
    public static RpcServer open(
            Path socket,
            CallerLimits limits,
            RefusedCalls refused,
            List<ServerServiceDefinition> services,
            List<ServerInterceptor> around)
            throws IOException {
        var all = new ArrayList<>(services);
        all.add(new HealthStatusManager().getHealthService().bindService());
        all.add(ProtoReflectionServiceV1.newInstance().bindService());
        var interceptors = new ArrayList<>(around);
        interceptors.addAll(List.of(
                new CallQuota(limits),
                new RequestLimits(),
                new SecurityHeader(),
                new SameProcess(),
                new RefusedCallers(refused),
                new Refusing()));
        return RpcServer.onUnixSocket(socket, EVERYBODY, socketLimits(limits), all, interceptors);
    }

    private static SocketLimits socketLimits(CallerLimits limits) {
        int streams = limits.streamsPerProcess() == 0 ? Integer.MAX_VALUE : limits.streamsPerProcess();
        return new SocketLimits(streams, (int) Math.min((long) streams + TOLD, Integer.MAX_VALUE), LARGEST_REQUEST);
    }
}
