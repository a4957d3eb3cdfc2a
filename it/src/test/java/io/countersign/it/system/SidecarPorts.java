// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;

/** Where a sidecar of the running system listens, as its configuration file says. */
record SidecarPorts(int admin, int listener) {
    private static final Pattern PORT = Pattern.compile("port_value: ([0-9]+)");

    static SidecarPorts of(RunningSystem system, String sidecar) throws IOException {
        var file = system.state().resolve(sidecar).resolve("envoy.yaml");
        List<Integer> ports = PORT.matcher(Files.readString(file))
                .results()
                .map(found -> Integer.valueOf(found.group(1)))
                .toList();
        return new SidecarPorts(ports.get(0), ports.get(1));
    }
}
