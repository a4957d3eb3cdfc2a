// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.rbac.Rbac;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One listener with its one filter chain. */
public record ListenerConfig(
        String name,
        Address.Tcp address,
        Optional<TlsSettings.Downstream> tls,
        List<NetworkRbac> rbac,
        Protocol protocol,
        List<AccessLog> accessLogs) {
    public ListenerConfig {
        rbac = List.copyOf(rbac);
        accessLogs = List.copyOf(accessLogs);
    }

    public record NetworkRbac(String statPrefix, Rbac rules) {}

    /** What is spoken on the listener. */
    public sealed interface Protocol permits HttpConnections, TcpTunnel {}

    /** Bytes, carried to one cluster. */
    public record TcpTunnel(String statPrefix, String cluster, Duration idleTimeout, List<AccessLog> accessLogs)
            implements Protocol {
        public TcpTunnel {
            accessLogs = List.copyOf(accessLogs);
        }
    }
}
