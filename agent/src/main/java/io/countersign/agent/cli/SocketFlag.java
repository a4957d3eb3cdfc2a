// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which agent is asked: by a path, by the instance of a template, or the standard one. */
final class SocketFlag {
    private static final String STANDARD = "/tmp/spire-agent/public/api.sock";
    private static final String TEMPLATE = "SPIRE_AGENT_PUBLIC_SOCKET_TEMPLATE";

    @Option(names = "--socketPath", paramLabel = "PATH", description = "The agent's socket (" + STANDARD + ").")
    @Nullable
    Path socketPath;

    @Option(
            names = "--instance",
            paramLabel = "NAME",
            description = "Replaces %%i in the template of " + TEMPLATE + ".")
    @Nullable
    String instance;

    Path path() {
        if (socketPath != null && instance != null) {
            throw new IllegalArgumentException("-instance and -socketPath are both given; expected one of them");
        }
        if (instance != null) {
            return ofInstance(environment(TEMPLATE).orElse(""), instance);
        }
        return Optional.ofNullable(socketPath)
                .orElseGet(
                        () -> Path.of(environment("SPIRE_AGENT_PUBLIC_SOCKET").orElse(STANDARD)));
    }

    /** @throws IllegalArgumentException if there is no template, or none for several agents */
    static Path ofInstance(String template, String instance) {
        if (template.isEmpty()) {
            throw new IllegalArgumentException("-instance needs " + TEMPLATE + " to be set");
        }
        if (!template.contains("%i")) {
            throw new IllegalArgumentException(
                    TEMPLATE + " is \"" + template + "\", expected a path with %i where the instance belongs");
        }
        return Path.of(template.replace("%i", instance));
    }

    /** In the form that the Workload API client takes. */
    String address() {
        return "unix://" + path().toAbsolutePath();
    }

    private static Optional<String> environment(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty());
    }
}
