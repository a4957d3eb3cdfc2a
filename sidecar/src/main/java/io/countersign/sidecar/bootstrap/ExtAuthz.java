// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.util.Optional;

/**
 * A service that is asked about each request before it goes on.
 *
 * @param body how much of the body the service is told; empty if it decides by the head
 * @param includeServerName whether it is told the name that the client asked for in its handshake
 * @param clearRouteCache whether the route is looked for anew when the service has changed the request
 * @param statInfix what stands between {@code ext_authz.} and the counters' names, with its dot, or empty
 */
public record ExtAuthz(
        GrpcService service,
        Optional<Body> body,
        Failure failure,
        boolean includePeerCertificate,
        boolean includeServerName,
        boolean clearRouteCache,
        String statInfix) {
    /**
     * @param partial whether a longer one is told up to here; else it is refused
     * @param asBytes whether it is told as it is, also if it is no UTF-8
     */
    public record Body(int maxBytes, boolean partial, boolean asBytes) {}

    /**
     * What becomes of a request that the service says nothing about.
     *
     * @param allow whether it goes on
     * @param mark whether the program behind is told that nobody was asked
     * @param status with which it is answered otherwise
     */
    public record Failure(boolean allow, boolean mark, int status) {}
}
