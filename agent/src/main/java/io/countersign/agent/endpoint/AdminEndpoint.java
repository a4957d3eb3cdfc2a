// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.endpoint;

import io.countersign.rpc.RpcServer;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The socket for operators and delegates, of the agent's own user and group. */
public final class AdminEndpoint {
    private static final int OWNER_AND_GROUP = 0770;

    private AdminEndpoint() {}

    /**
     * Opens it, with gRPC's health service beside those given.
     *
     * @param around what stands around all that decides who is served, the outermost first
     */
    public static RpcServer open(Path socket, List<ServerServiceDefinition> services, List<ServerInterceptor> around)
            throws IOException {
        var all = new ArrayList<>(services);
        all.add(new HealthStatusManager().getHealthService().bindService());
        var interceptors = new ArrayList<>(around);
        interceptors.addAll(List.of(new SameProcess(), new Refusing()));
        return RpcServer.onUnixSocket(socket, OWNER_AND_GROUP, all, interceptors);
    }
}
