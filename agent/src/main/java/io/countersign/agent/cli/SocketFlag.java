// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which agent is asked: by a path, by the instance of a template, or the standard one. */
final class SocketFlag {
    private static final String STANDARD = "/tmp/spire-agent/public/api.sock";

    @Option(names = "--socketPath", paramLabel = "PATH", description = "The agent's socket (" + STANDARD + ").")
    @Nullable
    Path socketPath;

    @Option(
            names = "--instance",
            paramLabel = "NAME",
            description = "Replaces %%i in the template of SPIRE_AGENT_PUBLIC_SOCKET_TEMPLATE.")
    @Nullable
    String instance;

    Path path() {
        if (socketPath != null && instance != null) {
            throw new IllegalArgumentException("-instance and -socketPath are both given; expected one of them");
        }
        if (instance != null) {
            var template = environment("SPIRE_AGENT_PUBLIC_SOCKET_TEMPLATE")
                    .orElseThrow(() -> new IllegalArgumentException(
                            "-instance needs SPIRE_AGENT_PUBLIC_SOCKET_TEMPLATE to be set"));
            return Path.of(template.replace("%i", instance));
        }
        return Optional.ofNullable(socketPath)
                .orElseGet(
                        () -> Path.of(environment("SPIRE_AGENT_PUBLIC_SOCKET").orElse(STANDARD)));
    }

    /** In the form that the Workload API client takes. */
    String address() {
        return "unix://" + path().toAbsolutePath();
    }

    private static Optional<String> environment(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty());
    }
}
