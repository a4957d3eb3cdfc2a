// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.endpoint;

import io.countersign.agent.explain.RefusedCalls;
import io.countersign.rpc.RpcServer;
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

    private PublicEndpoint() {}

    /**
     * Opens it, with gRPC's services of health and of reflection beside those given (SPIFFE Workload Endpoint, section 7).
     *
     * @param connections how many one process may have; 0 for no limit
     * @param refused where it is noted who was refused
     * @param around what stands around all that decides who is served, the outermost first
     */
    public static RpcServer open(
            Path socket,
            int connections,
            RefusedCalls refused,
            List<ServerServiceDefinition> services,
            List<ServerInterceptor> around)
            throws IOException {
        var all = new ArrayList<>(services);
        all.add(new HealthStatusManager().getHealthService().bindService());
        all.add(ProtoReflectionServiceV1.newInstance().bindService());
        var interceptors = new ArrayList<>(around);
        interceptors.addAll(
                List.of(new SecurityHeader(), new SameProcess(), new RefusedCallers(refused), new Refusing()));
        return RpcServer.onUnixSocket(
                socket, EVERYBODY, connections == 0 ? Integer.MAX_VALUE : connections, all, interceptors);
    }
}
