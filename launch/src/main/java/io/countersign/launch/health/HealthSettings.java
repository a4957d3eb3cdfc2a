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
            var host = block.string("bind_address", "localhost");
            int port = block.integer("bind_port", STANDARD_PORT);
            if (port < 0 || port > HIGHEST_PORT) {
                block.problem("bind_port", "\"" + port + "\" is no port, expected 1 to " + HIGHEST_PORT);
                return Optional.empty();
            }
            var settings = new HealthSettings(
                    new InetSocketAddress(host, port),
                    block.string("live_path", "/live"),
                    block.string("ready_path", "/ready"));
            return block.bool("listener_enabled", false) ? Optional.of(settings) : Optional.empty();
        });
    }
}
