// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack;

import io.countersign.stack.layout.Accounts;
import io.countersign.stack.layout.Identities;
import io.countersign.stack.layout.Layout;
import io.countersign.stack.layout.Ports;
import io.countersign.stack.layout.Role;
import io.countersign.stack.postgres.PostgresCluster;
import io.countersign.stack.postgres.PostgresProbe;
import io.countersign.stack.process.Distribution;
import io.countersign.stack.process.Originals;
import io.countersign.stack.process.Part;
import io.countersign.stack.process.Part.Preparation;
import io.countersign.stack.process.Part.Readiness;
import io.countersign.stack.process.Probes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The processes of the system: what each is told, and how one sees that it works. */
final class Parts {
    private static final String TERM = "TERM";
    /** PostgreSQL's fast shutdown: sessions are ended, not waited for. */
    private static final String INT = "INT";

    private final UpOptions options;
    private final Layout layout;
    private final Accounts accounts;
    private final Identities identities;
    private final Distribution distribution;
    private final Map<String, String> standing;
    private final Ports ports;
    private final Probes probes = new Probes();

    /** @param standing which program stands at each place, for people */
    Parts(
            UpOptions options,
            Layout layout,
            Accounts accounts,
            Identities identities,
            Distribution distribution,
            Map<String, String> standing) {
        this.options = options;
        this.layout = layout;
        this.accounts = accounts;
        this.identities = identities;
        this.distribution = distribution;
        this.standing = standing;
        this.ports = options.ports();
    }

    Part server() {
        return program(
                Role.SERVER,
                "server",
                List.of(
                        "run",
                        "-config",
                        layout.config(Role.SERVER, "server.conf").toString()),
                Map.of(),
                () -> probes.grpcHealthy(layout.serverSocket()));
    }

    /** @param token gives it a way in, each time anew: one that it has used is worth nothing */
    Part agent(Preparation token) {
        var part = program(
                Role.AGENT,
                "agent",
                List.of(
                        "run",
                        "-config",
                        layout.config(Role.AGENT, "agent.conf").toString()),
                Map.of(),
                () -> probes.grpcHealthy(layout.agentSocket()));
        return new Part(
                part.role(),
                part.command(),
                part.environment(),
                part.folder(),
                part.log(),
                part.account(),
                token,
                part.ready(),
                part.stopSignal());
    }

    /** @param owner who uses the files that it writes */
    Part helper(Role role, Role owner) {
        return program(
                role,
                "helper",
                List.of("-config", layout.config(role, "helper.conf").toString()),
                Map.of(),
                () -> Probes.hasValidCertificate(layout.certificates(owner).resolve("svid.pem")));
    }

    Part frontendSidecar() {
        return sidecar(
                Role.FRONTEND_SIDECAR,
                ports.frontendSidecarAdmin(),
                identities.frontend().toString());
    }

    Part backendSidecar() {
        return sidecar(
                Role.BACKEND_SIDECAR,
                ports.backendSidecarAdmin(),
                identities.backend().toString());
    }

    private Part sidecar(Role role, int adminPort, String id) {
        return program(
                role,
                "sidecar",
                List.of("-c", layout.config(role, "envoy.yaml").toString()),
                Map.of(),
                () -> probes.httpSays(adminPort, "/certs", id) && probes.httpSays(adminPort, "/ready", "LIVE"));
    }

    Part postgres(PostgresCluster cluster, PostgresProbe probe) {
        return new Part(
                Role.POSTGRES,
                cluster.command(),
                Map.of("LC_ALL", "C"),
                layout.postgresRun(),
                layout.log(Role.POSTGRES),
                accounts.of(Role.POSTGRES),
                Preparation.NONE,
                probe::servesNewest,
                INT);
    }

    Part backend() {
        var certificates = layout.certificates(Role.BACKEND);
        var environment = new HashMap<String, String>();
        environment.put("LISTEN_HOST", "127.0.0.1");
        environment.put("PORT", Integer.toString(ports.backend()));
        environment.put("SPIFFE_ID", identities.backend().toString());
        environment.put("FRONTEND_SPIFFE_ID", identities.frontend().toString());
        environment.put("POSTGRES_SPIFFE_ID", identities.postgres().toString());
        environment.put("DB_HOST", "127.0.0.1");
        environment.put("DB_PORT", Integer.toString(ports.postgres()));
        environment.put("DB_NAME", PostgresCluster.DATABASE);
        environment.put("DB_USER", PostgresCluster.ROLE);
        environment.put("SSL_CERT", certificates.resolve("svid.pem").toString());
        environment.put("SSL_KEY", certificates.resolve("svid_key.pem").toString());
        environment.put("SSL_ROOT_CA", certificates.resolve("svid_bundle.pem").toString());
        environment.put("DB_CONN_MAX_LIFETIME", options.connectionLife().toSeconds() + "s");
        return program(
                Role.BACKEND,
                "backend",
                List.of(),
                environment,
                () -> probes.httpSays(ports.backend(), "/health", "healthy"));
    }

    Part frontend() {
        return program(
                Role.FRONTEND,
                "frontend",
                List.of(),
                Map.of(
                        "LISTEN_HOST", "127.0.0.1",
                        "PORT", Integer.toString(ports.frontend()),
                        "BACKEND_URL", "http://127.0.0.1:" + ports.frontendSidecar(),
                        "SPIFFE_ID", identities.frontend().toString(),
                        "BACKEND_SPIFFE_ID", identities.backend().toString(),
                        "POSTGRES_SPIFFE_ID", identities.postgres().toString(),
                        "INTRUDER_URL", "http://127.0.0.1:" + ports.intruder(),
                        "PARTS",
                                standing.entrySet().stream()
                                        .map(part -> part.getKey() + "=" + part.getValue())
                                        .collect(Collectors.joining(","))),
                () -> probes.httpSays(ports.frontend(), "/health", "healthy"));
    }

    Part intruder() {
        return program(
                Role.INTRUDER,
                "intruder",
                List.of(),
                Map.of(
                        "LISTEN_PORT", Integer.toString(ports.intruder()),
                        "SPIFFE_ENDPOINT_SOCKET", "unix://" + layout.agentSocket(),
                        "TARGET_HOST", "127.0.0.1",
                        "TARGET_PORT", Integer.toString(ports.backendSidecar()),
                        "FRONTEND_SPIFFE_ID", identities.frontend().toString(),
                        "BACKEND_SPIFFE_ID", identities.backend().toString(),
                        "POSTGRES_HOST", "127.0.0.1",
                        "POSTGRES_PORT", Integer.toString(ports.postgres()),
                        "POSTGRES_SPIFFE_ID", identities.postgres().toString()),
                () -> probes.httpSays(
                        ports.intruder(), "/health", identities.intruder().toString()));
    }

    private Part program(
            Role role, String program, List<String> arguments, Map<String, String> environment, Readiness ready) {
        return new Part(
                role,
                command(role, program, arguments),
                environment,
                layout.root().resolve(role.part()),
                layout.log(role),
                accounts.of(role),
                Preparation.NONE,
                ready,
                TERM);
    }

    /** The command of the server's program with these words, for whoever registers by hand. */
    List<String> serverCommand(List<String> words) {
        return Optional.ofNullable(options.originals().get("server"))
                .map(original -> Originals.command(original, "server", words))
                .orElseGet(() -> distribution.script("server", words));
    }

    private List<String> command(Role role, String program, List<String> arguments) {
        var original = Optional.ofNullable(options.originals().get(program));
        return original.isPresent()
                ? Originals.command(original.get(), program, arguments)
                : distribution.command(program, role.part(), layout.scratch(role), arguments);
    }
}
