// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.layout;

import java.util.LinkedHashMap;
import java.util.Map;

/** The TCP ports, all on the loopback address. */
public record Ports(
        int frontend,
        int frontendSidecar,
        int frontendSidecarAdmin,
        int backendSidecar,
        int backendSidecarAdmin,
        int backend,
        int postgres,
        int server,
        int intruder) {

    /** By the flag that sets it. */
    public Map<String, Integer> byFlag() {
        var ports = new LinkedHashMap<String, Integer>();
        ports.put("--port", frontend);
        ports.put("--frontend-sidecar-port", frontendSidecar);
        ports.put("--frontend-sidecar-admin-port", frontendSidecarAdmin);
        ports.put("--backend-sidecar-port", backendSidecar);
        ports.put("--backend-sidecar-admin-port", backendSidecarAdmin);
        ports.put("--backend-port", backend);
        ports.put("--postgres-port", postgres);
        ports.put("--server-port", server);
        ports.put("--intruder-port", intruder);
        return ports;
    }
}
