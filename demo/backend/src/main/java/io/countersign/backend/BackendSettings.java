// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend;

import io.countersign.backend.database.DatabaseSettings;
import io.countersign.backend.database.IdentityFiles;
import io.countersign.launch.LogSettings;
import io.countersign.launch.env.Environment;
import io.countersign.launch.env.EnvironmentException;
import io.countersign.spiffe.SpiffeId;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How the backend runs; all of it from environment variables.
 *
 * @param listenHost the address to listen on; loopback unless told otherwise, because whoever reaches the port is
 *     believed to be the sidecar
 * @param self the identity that PostgreSQL is expected to see
 * @param frontend the identity that the sidecar is expected to see
 */
public record BackendSettings(
        String listenHost, int port, SpiffeId self, SpiffeId frontend, DatabaseSettings database, LogSettings log) {
    static final String USAGE = """
            Usage of countersign backend: the backend of the demo. It asks PostgreSQL for orders, where its certificate
            is the login, and says who was seen. It reads environment variables, here with their defaults:
              LISTEN_HOST=127.0.0.1
                    address to listen on; whoever reaches it is believed to be the sidecar
              PORT=9090
                    port to listen on
              SPIFFE_ID=spiffe://example.org/ns/demo/sa/backend
                    its own identity, as PostgreSQL is expected to see it
              FRONTEND_SPIFFE_ID=spiffe://example.org/ns/demo/sa/frontend
                    the identity that the sidecar is expected to see
              POSTGRES_SPIFFE_ID=spiffe://example.org/ns/demo/sa/postgres
                    the only identity that PostgreSQL may have
              DB_HOST=postgres.demo.svc.cluster.local
              DB_PORT=5432
              DB_NAME=demodb
              DB_USER=postgres
                    where PostgreSQL is, the database, and the role to log in as; there is no password
              SSL_CERT=/spiffe-certs/svid.pem
              SSL_KEY=/spiffe-certs/svid_key.pem
              SSL_ROOT_CA=/spiffe-certs/svid_bundle.pem
                    the files of its identity, as a helper writes them
              DB_MAX_OPEN_CONNS=10
              DB_MAX_IDLE_CONNS=5
                    how many sessions at most, and how many of them stay open while nothing is to do
              DB_CONN_MAX_LIFETIME=2m
                    the longest that a session is used
              LOG_FORMAT=json
                    json or text
              LOG_LEVEL=info
                    error, warn, info, debug or trace
            """;

    /** @throws EnvironmentException with everything that is wrong */
    public static BackendSettings read(Environment environment) {
        var settings = new BackendSettings(
                environment.text("LISTEN_HOST", "127.0.0.1"),
                environment.port("PORT", 9090),
                id(environment, "SPIFFE_ID", "backend"),
                id(environment, "FRONTEND_SPIFFE_ID", "frontend"),
                database(environment),
                environment.logSettings());
        environment.check();
        return settings;
    }

    private static DatabaseSettings database(Environment environment) {
        var address = new DatabaseSettings.Address(
                environment.text("DB_HOST", "postgres.demo.svc.cluster.local"),
                environment.port("DB_PORT", 5432),
                environment.text("DB_NAME", "demodb"),
                environment.text("DB_USER", "postgres"));
        var files = new IdentityFiles(
                Path.of(environment.text("SSL_CERT", "/spiffe-certs/svid.pem")),
                Path.of(environment.text("SSL_KEY", "/spiffe-certs/svid_key.pem")),
                Path.of(environment.text("SSL_ROOT_CA", "/spiffe-certs/svid_bundle.pem")));
        int open = environment.number("DB_MAX_OPEN_CONNS", 10, 1, 1000);
        int idle = environment.number("DB_MAX_IDLE_CONNS", Math.min(5, open), 0, 1000);
        if (idle > open) {
            environment.problem("DB_MAX_IDLE_CONNS", "expected at most DB_MAX_OPEN_CONNS, which is " + open);
        }
        var life = environment.duration("DB_CONN_MAX_LIFETIME", Duration.ofMinutes(2));
        var server = id(environment, "POSTGRES_SPIFFE_ID", "postgres");
        environment.refuse("DB_PASSWORD", "the database knows the backend by its certificate; unset it");
        environment.refuseUnknown("DB_");
        return new DatabaseSettings(address, files, server, new DatabaseSettings.Limits(open, idle, life));
    }

    private static SpiffeId id(Environment environment, String name, String account) {
        return environment.parsed(name, SpiffeId.parse("spiffe://example.org/ns/demo/sa/" + account), SpiffeId::parse);
    }
}
