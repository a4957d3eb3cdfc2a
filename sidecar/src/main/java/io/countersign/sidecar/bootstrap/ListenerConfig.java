// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.rbac.Rbac;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One listener.
 *
 * @param bufferBytes what a connection holds that its client has not taken yet
 * @param otherwise for connections that none of the chains is for; empty means that they are closed
 * @param patience how long a client may take until it is known which chain its connection is for; empty if what it says
 *     first is not looked at; zero for no limit
 */
public record ListenerConfig(
        String name,
        Address.Tcp address,
        Direction direction,
        int bufferBytes,
        List<FilterChain> chains,
        Optional<FilterChain> otherwise,
        Optional<Duration> patience,
        List<AccessLog> accessLogs) {
    public ListenerConfig {
        chains = List.copyOf(chains);
        accessLogs = List.copyOf(accessLogs);
    }

    /** Which way the traffic goes, seen from the program beside. */
    public enum Direction {
        UNSPECIFIED,
        INBOUND,
        OUTBOUND
    }

    public Stream<FilterChain> allChains() {
        return Stream.concat(chains.stream(), otherwise.stream());
    }

    /** What happens to connections of one kind. */
    public record FilterChain(
            Match match, Optional<TlsSettings.Downstream> tls, List<NetworkRbac> rbac, Protocol protocol) {
        public FilterChain {
            rbac = List.copyOf(rbac);
        }
    }

    /**
     * Which connections a chain is for.
     *
     * @param serverNames in lower case, also {@code *.suffix}; empty for any
     * @param protocols one of them must be among those that the client offers by ALPN; empty for any
     */
    public record Match(List<String> serverNames, Optional<Transport> transport, List<String> protocols) {
        public static final Match ANY = new Match(List.of(), Optional.empty(), List.of());

        public Match {
            serverNames = List.copyOf(serverNames);
            protocols = List.copyOf(protocols);
        }
    }

    public enum Transport {
        TLS,
        RAW_BUFFER
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
