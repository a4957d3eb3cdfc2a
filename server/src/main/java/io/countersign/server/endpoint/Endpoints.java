// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.endpoint;

import io.countersign.launch.Closing;
import io.countersign.rpc.RpcServer;
import io.countersign.rpc.TlsIdentity;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Opens the two ways in: TCP for agents, the local socket for whoever may open it. */
public final class Endpoints {
    /** The owner and the group, as with the original. */
    private static final int SOCKET_MODE = 0770;

    private final List<ServerServiceDefinition> services;
    private final List<ServerServiceDefinition> localServices;
    private final List<ServerInterceptor> interceptors;

    /**
     * @param localServices for the local socket alone
     * @param interceptors the first stands around the others
     */
    public Endpoints(
            List<ServerServiceDefinition> services,
            List<ServerServiceDefinition> localServices,
            List<ServerInterceptor> interceptors) {
        this.services = List.copyOf(services);
        this.localServices = List.copyOf(localServices);
        this.interceptors = List.copyOf(interceptors);
    }

    /** The TCP port, once open. */
    public int openTcp(Closing closing, InetSocketAddress address, TlsIdentity identity) throws IOException {
        return closing.add(RpcServer.onTcp(address, identity, services, interceptors))
                .port();
    }

    public void openLocal(Closing closing, Path socket, BooleanSupplier healthy) throws IOException {
        var all = new ArrayList<>(services);
        all.addAll(localServices);
        all.add(new HealthService(healthy).bindService());
        closing.add(RpcServer.onUnixSocket(socket, SOCKET_MODE, all, interceptors));
    }
}
