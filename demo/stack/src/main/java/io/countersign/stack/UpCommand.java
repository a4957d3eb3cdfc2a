// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack;

import io.countersign.launch.config.GoDuration;
import io.countersign.spiffe.TrustDomain;
import io.countersign.stack.UpOptions.Mode;
import io.countersign.stack.layout.Accounts;
import io.countersign.stack.layout.PortCheck;
import io.countersign.stack.layout.Ports;
import io.countersign.stack.process.Distribution;
import io.countersign.stack.process.Originals;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The words after {@code countersign up}. Port 0 stands for any that is free. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description =
                "Starts the whole system on this machine: identity server, node agent, PostgreSQL, two file helpers, "
                        + "two sidecars, backend, frontend and the intruder, each a process of its own.")
final class UpCommand implements Callable<Integer> {
    private final PrintStream out;
    private final PrintStream err;

    @Option(names = "--dir", paramLabel = "DIR", description = "Folder for everything that survives a stop.")
    @Nullable
    Path dir;

    @Option(names = "--once", description = "Run the demo once, print the evidence as JSON, and stop.")
    boolean once;

    @Option(
            names = "--print-config",
            paramLabel = "DIR",
            description =
                    "Start nothing: write all configuration files, and for each part a script with its command, into DIR.")
    @Nullable
    Path printConfig;

    @Option(names = "--trust-domain", paramLabel = "NAME", description = "The trust domain (example.org).")
    String trustDomain = "example.org";

    @Option(names = "--svid-ttl", paramLabel = "DURATION", description = "How long certificates live (1h).")
    String svidTtl = "1h";

    @Option(names = "--port", paramLabel = "PORT", description = "Port of the page (8080).")
    int frontend = 8080;

    @Option(
            names = "--frontend-sidecar-port",
            paramLabel = "PORT",
            description = "Port of the frontend's sidecar (8001).")
    int frontendSidecar = 8001;

    @Option(
            names = "--frontend-sidecar-admin-port",
            paramLabel = "PORT",
            description = "Port of its admin pages (9901).")
    int frontendSidecarAdmin = 9901;

    @Option(
            names = "--backend-sidecar-port",
            paramLabel = "PORT",
            description = "Port of the backend's sidecar (8443).")
    int backendSidecar = 8443;

    @Option(
            names = "--backend-sidecar-admin-port",
            paramLabel = "PORT",
            description = "Port of its admin pages (9902).")
    int backendSidecarAdmin = 9902;

    @Option(names = "--backend-port", paramLabel = "PORT", description = "Port of the backend (9090).")
    int backend = 9090;

    @Option(names = "--postgres-port", paramLabel = "PORT", description = "Port of PostgreSQL (5432).")
    int postgres = 5432;

    @Option(names = "--server-port", paramLabel = "PORT", description = "Port of the identity server (8081).")
    int server = 8081;

    @Option(names = "--intruder-port", paramLabel = "PORT", description = "Port of the intruder (8082).")
    int intruder = 8082;

    @Option(
            names = "--use",
            paramLabel = "PART=PROGRAM",
            split = ",",
            description =
                    "A program in the place of ours, such as sidecar=envoy: for server, agent, helper or sidecar; the "
                            + "last three as root only.")
    Map<String, String> use = new LinkedHashMap<>();

    UpCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() throws Exception {
        return new Up(options(), Distribution.fromEnvironment(System.getenv()), Accounts.detect(), new Progress(err))
                .run(out);
    }

    private UpOptions options() throws IOException {
        try {
            return new UpOptions(
                    folder().toAbsolutePath().normalize(),
                    mode(),
                    TrustDomain.parse(trustDomain),
                    ports(),
                    GoDuration.parse(svidTtl),
                    Originals.find(use, System.getenv().getOrDefault("PATH", "")));
        } catch (IllegalArgumentException e) {
            throw new StackException(String.valueOf(e.getMessage()), e);
        }
    }

    private Mode mode() {
        if (printConfig == null) {
            return once ? Mode.ONCE : Mode.RUN;
        }
        if (once || dir != null) {
            throw new StackException("--print-config " + printConfig
                    + " starts nothing and writes into that folder; leave out " + (once ? "--once" : "--dir"));
        }
        return Mode.PRINT_CONFIG;
    }

    private Path folder() throws IOException {
        if (printConfig != null) {
            return printConfig;
        }
        if (dir != null) {
            return dir;
        }
        return switch (Accounts.detect()) {
            case Accounts.Separate _ -> Path.of("/var/lib/countersign");
            case Accounts.Shared _ ->
                Optional.ofNullable(System.getenv("XDG_STATE_HOME"))
                        .filter(value -> !value.isEmpty())
                        .map(Path::of)
                        .orElse(Path.of(System.getProperty("user.home"), ".local", "state"))
                        .resolve("countersign");
        };
    }

    private Ports ports() {
        return new Ports(
                port(frontend),
                port(frontendSidecar),
                port(frontendSidecarAdmin),
                port(backendSidecar),
                port(backendSidecarAdmin),
                port(backend),
                port(postgres),
                port(server),
                port(intruder));
    }

    private static int port(int wanted) {
        if (wanted < 0 || wanted > 65535) {
            throw new StackException(wanted + " is no port, expected 0 to 65535");
        }
        return wanted == 0 ? PortCheck.anyFree() : wanted;
    }
}
