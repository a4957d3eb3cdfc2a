// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.config;

import io.countersign.launch.config.ConfigBlock;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the agent is: {@code agent_address}, else the environment, else SPIRE's own place. A path as the original wants it,
 * or the standard's {@code unix:} form, which the original cannot read.
 */
final class AgentAddress {
    private static final String KEY = "agent_address";
    private static final String STANDARD_VARIABLE = "SPIFFE_ENDPOINT_SOCKET";
    private static final String OLD_VARIABLE = "SPIRE_AGENT_ADDRESS";
    private static final String SPIRE_PLACE = "/tmp/spire-agent/public/api.sock";

    private final ConfigBlock root;
    private final Map<String, String> environment;
    private final List<String> warnings;

    AgentAddress(ConfigBlock root, Map<String, String> environment, List<String> warnings) {
        this.root = root;
        this.environment = environment;
        this.warnings = warnings;
    }

    String read() {
        var inFile = root.string(KEY);
        var address = inFile.or(this::fromEnvironment).orElse(SPIRE_PLACE);
        if (address.startsWith("/") || address.startsWith("unix:/")) {
            return address;
        }
        if (address.contains(":")) {
            root.problem(KEY, "\"" + address + "\" was found, expected the path of a Unix socket");
            return SPIRE_PLACE;
        }
        return Path.of(address).toAbsolutePath().toString();
    }

    private Optional<String> fromEnvironment() {
        var standard = variable(STANDARD_VARIABLE);
        var old = variable(OLD_VARIABLE);
        if (old.isPresent()) {
            warnings.add(OLD_VARIABLE + " is deprecated; set " + STANDARD_VARIABLE + " or agent_address");
        }
        if (old.isPresent() && standard.isPresent()) {
            root.problem(
                    KEY,
                    "both %s and %s are set in the environment, expected only the second"
                            .formatted(OLD_VARIABLE, STANDARD_VARIABLE));
        }
        return standard.or(() -> old);
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }
}
