// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.xfcc.ForwardClientCert;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * How requests on a listener are read, judged and routed. A duration of zero switches its timeout off.
 *
 * @param filters in the order in which requests pass them
 * @param upgrades protocols that a connection may change to, in lower case
 */
public record HttpConnections(
        String statPrefix,
        Codec codec,
        Timeouts timeouts,
        int maxHeadersKb,
        String serverName,
        boolean useRemoteAddress,
        boolean generateRequestId,
        Paths paths,
        ForwardClientCert clientCert,
        List<HttpFilter> filters,
        boolean suppressEnvoyHeaders,
        Set<String> upgrades,
        RouteTable routes,
        List<AccessLog> accessLogs)
        implements ListenerConfig.Protocol {
    public HttpConnections {
        upgrades = Set.copyOf(upgrades);
        filters = List.copyOf(filters);
        accessLogs = List.copyOf(accessLogs);
    }

    public enum Codec {
        /** By ALPN, else by the first bytes. */
        AUTO,
        HTTP1,
        HTTP2
    }

    public record Timeouts(
            Duration idle, Duration maxConnection, Duration streamIdle, Duration request, Duration requestHeaders) {}

    /** @param normalize resolves dot segments before anything looks at the path */
    public record Paths(boolean normalize, boolean mergeSlashes) {}
}
