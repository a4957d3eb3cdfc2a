// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.health;

import io.countersign.launch.config.ConfigBlock;
import java.net.InetSocketAddress;
import java.util.Optional;

/** The block {@code health_checks}: where probes are answered over HTTP. */
public record HealthSettings(InetSocketAddress address, String livePath, String readyPath) {
    private static final int STANDARD_PORT = 80;
    private static final int HIGHEST_PORT = 65535;

    /** Nothing if the block is missing or does not enable the listener. */
    public static Optional<HealthSettings> read(ConfigBlock root) {
        return root.block("health_checks").flatMap(block -> {
            boolean enabled = block.bool("listener_enabled", false);
            var host = block.string("bind_address", "localhost");
            int port = port(block);
            var live = block.string("live_path", "/live");
            var ready = block.string("ready_path", "/ready");
            return enabled
                    ? Optional.of(new HealthSettings(address(block, host, port), live, ready))
                    : Optional.empty();
        });
    }

    private static int port(ConfigBlock block) {
        if (block.string("bind_port").isEmpty()) {
            return STANDARD_PORT;
        }
        int port = block.integer("bind_port", STANDARD_PORT);
        if (port < 1 || port > HIGHEST_PORT) {
            block.problem("bind_port", "\"" + port + "\" is no port, expected 1 to " + HIGHEST_PORT);
            return STANDARD_PORT;
        }
        return port;
    }

    private static InetSocketAddress address(ConfigBlock block, String host, int port) {
        var address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            block.problem(
                    "bind_address", "\"" + host + "\" is no address of this machine, expected one like localhost");
        }
        return address;
    }
}
