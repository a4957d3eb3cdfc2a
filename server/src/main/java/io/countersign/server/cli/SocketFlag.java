// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which server is asked: by a path, by the instance of a template, or the standard one. */
final class SocketFlag {
    private static final String STANDARD = "/tmp/spire-server/private/api.sock";
    private static final String TEMPLATE = "SPIRE_SERVER_PRIVATE_SOCKET_TEMPLATE";

    @Option(names = "--socketPath", paramLabel = "PATH", description = "The server's socket (" + STANDARD + ").")
    @Nullable
    Path socketPath;

    @Option(
            names = "--instance",
            paramLabel = "NAME",
            description = "Replaces %%i in the template of " + TEMPLATE + ".")
    @Nullable
    String instance;

    Path path() {
        if (instance != null) {
            var template = environment(TEMPLATE)
                    .orElseThrow(() ->
                            new IllegalArgumentException("you must define " + TEMPLATE + " to use the instance flag"));
            if (!template.contains("%i")) {
                throw new IllegalArgumentException("failed to find %i in " + TEMPLATE);
            }
            if (socketPath != null) {
                throw new IllegalArgumentException("-instance and -socketPath are both given; expected one of them");
            }
            return Path.of(template.replace("%i", instance));
        }
        return Optional.ofNullable(socketPath)
                .orElseGet(
                        () -> Path.of(environment("SPIRE_SERVER_PRIVATE_SOCKET").orElse(STANDARD)));
    }

    private static Optional<String> environment(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty());
    }
}
