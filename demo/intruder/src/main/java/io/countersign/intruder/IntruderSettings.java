// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder;

import io.countersign.intruder.attempt.Target;
import io.countersign.launch.LogSettings;
import io.countersign.launch.env.Environment;
import io.countersign.launch.env.EnvironmentException;
import io.countersign.spiffe.SpiffeId;
import io.countersign.workloadapi.WorkloadApiClient;
import java.time.Duration;

/**
 * How the intruder runs; all of it from environment variables.
 *
 * @param listenHost the address to listen on; loopback unless told otherwise, because whoever reaches the port may have
 *     everything tried
 * @param port 0 for any that is free
 * @param workloadApi address of the Workload API, such as {@code unix:///run/agent.sock}
 * @param sidecar the backend's, where mTLS is spoken
 * @param frontend the only identity that the sidecar may let in
 * @param patience how long an attempt waits for a connection, and for each answer
 */
public record IntruderSettings(
        String listenHost,
        int port,
        String workloadApi,
        Target sidecar,
        SpiffeId frontend,
        Login login,
        Duration patience,
        LogSettings log) {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    static final String USAGE = """
            Usage of countersign intruder: tries to break into the demo when it is asked to, and says who refused. It
            reads environment variables, here with their defaults:
              LISTEN_HOST=127.0.0.1
                    address to listen on; whoever reaches it may have everything tried
              LISTEN_PORT=8082
                    port to listen on
              SPIFFE_ENDPOINT_SOCKET=unix:///run/spire/agent-sockets/spire-agent.sock
                    the Workload API, from which it gets an identity of its own
              TARGET_HOST=backend.demo.svc.cluster.local
              TARGET_PORT=8080
                    the backend's sidecar, where mTLS is spoken
              BACKEND_SPIFFE_ID=spiffe://example.org/ns/demo/sa/backend
              FRONTEND_SPIFFE_ID=spiffe://example.org/ns/demo/sa/frontend
                    who is there, and the only one whom it may let in
              POSTGRES_HOST=postgres.demo.svc.cluster.local
              POSTGRES_PORT=5432
              POSTGRES_DB=demo
              POSTGRES_USER=demouser
                    the login that must fail; there is no password
              POSTGRES_SPIFFE_ID=spiffe://example.org/ns/demo/sa/postgres
                    who PostgreSQL is
              LOG_FORMAT=json
                    json or text
              LOG_LEVEL=info
                    error, warn, info, debug or trace
            """;

    /**
     * The login that must fail.
     *
     * @param holder the only identity that may use the role
     */
    public record Login(Target server, String database, String role, SpiffeId holder) {}

    /** @throws IllegalArgumentException if the port is none, or no wait is left to the attempts */
    public IntruderSettings {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port " + port + ", expected one from 0 to 65535");
        }
        if (patience.toSeconds() < 1) {
            throw new IllegalArgumentException("a patience of " + patience + ", expected at least a second");
        }
    }

    /** @throws EnvironmentException with everything that is wrong */
    public static IntruderSettings read(Environment environment) {
        var backend = id(environment, "BACKEND_SPIFFE_ID", "backend");
        var settings = new IntruderSettings(
                environment.text("LISTEN_HOST", "127.0.0.1"),
                environment.port("LISTEN_PORT", 8082),
                environment.parsed(
                        "SPIFFE_ENDPOINT_SOCKET",
                        "unix:///run/spire/agent-sockets/spire-agent.sock",
                        IntruderSettings::endpoint),
                new Target(
                        environment.text("TARGET_HOST", "backend.demo.svc.cluster.local"),
                        environment.port("TARGET_PORT", 8080),
                        backend),
                id(environment, "FRONTEND_SPIFFE_ID", "frontend"),
                login(environment, backend),
                PATIENCE,
                environment.logSettings());
        environment.refuseUnknown("TARGET_");
        environment.refuseUnknown("POSTGRES_");
        environment.check();
        return settings;
    }

    private static Login login(Environment environment, SpiffeId backend) {
        environment.refuse("POSTGRES_PASSWORD", "the login is tried with a certificate alone; unset it");
        return new Login(
                new Target(
                        environment.text("POSTGRES_HOST", "postgres.demo.svc.cluster.local"),
                        environment.port("POSTGRES_PORT", 5432),
                        id(environment, "POSTGRES_SPIFFE_ID", "postgres")),
                environment.text("POSTGRES_DB", "demo"),
                environment.text("POSTGRES_USER", "demouser"),
                backend);
    }

    private static SpiffeId id(Environment environment, String name, String account) {
        return environment.parsed(name, SpiffeId.parse("spiffe://example.org/ns/demo/sa/" + account), SpiffeId::parse);
    }

    /** The client knows which addresses there are, and dials none of them yet. */
    private static String endpoint(String address) {
        WorkloadApiClient.connect(address).close();
        return address;
    }
}
