// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A whole file.
 *
 * @param source the file as plain maps and lists without private keys, to be shown by the admin listener
 */
public record Bootstrap(
        Node node,
        OwnSettings own,
        Optional<Admin> admin,
        List<ListenerConfig> listeners,
        Map<String, Cluster> clusters,
        Map<String, @Nullable Object> source) {
    public Bootstrap {
        listeners = List.copyOf(listeners);
        clusters = Map.copyOf(clusters);
    }

    /** The sockets of agents that know the keys of JWT-SVIDs, by the names of their clusters. */
    public Map<String, Path> jwtSvidAgents() {
        var result = new HashMap<String, Path>();
        own.jwtSvidProviders()
                .values()
                .forEach(cluster ->
                        References.agentSocket(clusters, cluster).ifPresent(socket -> result.put(cluster, socket)));
        return result;
    }

    /** How this sidecar introduces itself to the agent. */
    public record Node(String id, String cluster, Map<String, @Nullable Object> metadata) {}

    public record Admin(Address.Tcp address, List<AccessLog> accessLogs) {}
}
