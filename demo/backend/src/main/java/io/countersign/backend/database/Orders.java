// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend.database;

import io.countersign.evidence.Hop;
import io.countersign.evidence.Json;
import io.countersign.evidence.Link;
import io.countersign.evidence.Sighting;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the orders, and what both ends say of the connection that they came over. */
public final class Orders {
    /** Both ends of the connection as links: PostgreSQL verifies the backend, and the backend verifies PostgreSQL. */
    public static final Link SEEN_BY_POSTGRES =
            new Link(Link.BACKEND_DATABASE, "backend", "PostgreSQL", "PostgreSQL", "backend");

    public static final Link SEEN_BY_BACKEND =
            new Link(Link.BACKEND_DATABASE, "backend", "PostgreSQL", "backend", "PostgreSQL");

    /** Where the database reads the SPIFFE ID out of the certificate of the connection that asks. */
    static final String SPIFFE_ID_FUNCTION = "countersign.spiffe_id()";

    public static final String POSTGRES_SOURCE = "pg_stat_ssl and " + SPIFFE_ID_FUNCTION + " of this connection";
    public static final String BACKEND_SOURCE = "TLS session of this connection, server certificate";

    /** The orders, newest first, and the evidence, not yet judged. */
    public record Answer(List<Order> orders, List<Hop> evidence) {}

    private final SessionPool pool;

    public Orders(SessionPool pool) {
        this.pool = pool;
    }

    public List<Order> newestFirst() throws SQLException {
        return pool.use(session -> query(session.connection()));
    }

    public Answer withEvidence() throws SQLException {
        return pool.use(session -> {
            long start = System.nanoTime();
            var orders = query(session.connection());
            double latency = Math.round((System.nanoTime() - start) / 1e4) / 100.0;
            return new Answer(orders, List.of(seenByPostgres(session), seenByBackend(session, latency)));
        });
    }

    private static List<Order> query(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(
                        "SELECT id, description, status, created_at FROM orders ORDER BY created_at DESC, id")) {
            var orders = new ArrayList<Order>();
            while (rows.next()) {
                var created = rows.getObject(4, LocalDateTime.class).toInstant(ZoneOffset.UTC);
                orders.add(new Order(rows.getInt(1), rows.getString(2), rows.getString(3), Json.time(created)));
            }
            return List.copyOf(orders);
        }
    }

    private static Hop seenByPostgres(Session session) throws SQLException {
        try (var statement = session.connection().createStatement();
                var row = statement.executeQuery("SELECT version, cipher, client_serial, " + SPIFFE_ID_FUNCTION
                        + ", client_dn, issuer_dn, session_user, system_user"
                        + " FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
            if (!row.next()) {
                return Hop.failed(SEEN_BY_POSTGRES, POSTGRES_SOURCE, "PostgreSQL says nothing of this connection");
            }
            var serial = serial(row.getBigDecimal(3));
            var seen = new Sighting(
                    row.getString(4), null, serial, expiry(session, serial), row.getString(1), row.getString(2));
            var details = new TreeMap<String, String>();
            for (var name : List.of("client_dn", "issuer_dn", "session_user", "system_user")) {
                var value = row.getString(name);
                if (value != null) {
                    details.put(name, value);
                }
            }
            return Hop.seen(SEEN_BY_POSTGRES, seen, POSTGRES_SOURCE, null).withDetails(details);
        }
    }

    private static @Nullable String serial(@Nullable BigDecimal decimal) {
        return decimal == null ? null : Sighting.hex(decimal.toBigInteger());
    }

    /** PostgreSQL tells no expiry; that of the certificate we presented is right if it saw that very certificate. */
    private static @Nullable String expiry(Session session, @Nullable String serial) {
        var own = session.seen().own();
        return Sighting.serialOf(own).equals(serial)
                ? own.getNotAfter().toInstant().toString()
                : null;
    }

    private static Hop seenByBackend(Session session, double latency) {
        var seen = session.seen();
        var sighting = Sighting.of(seen.server(), seen.own(), seen.tlsVersion(), seen.cipher());
        return Hop.seen(SEEN_BY_BACKEND, sighting, BACKEND_SOURCE, latency);
    }
}
