// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.endpoint;

import io.countersign.rpc.RpcServer;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The socket that every program on the machine may call. */
public final class PublicEndpoint {
    private static final int EVERYBODY = 0777;

    private PublicEndpoint() {}

    /** Opens it, with gRPC's health service beside those given. */
    public static RpcServer open(Path socket, List<ServerServiceDefinition> services) throws IOException {
        var all = new ArrayList<>(services);
        all.add(new HealthStatusManager().getHealthService().bindService());
        return RpcServer.onUnixSocket(socket, EVERYBODY, all, List.of(new SecurityHeader(), new Refusing()));
    }
}
