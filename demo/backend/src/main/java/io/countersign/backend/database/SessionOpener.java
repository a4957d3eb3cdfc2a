// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend.database;

import io.countersign.evidence.Sighting;
import io.countersign.launch.EventLog;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/** Opens sessions with the identity that the files hold at that moment. Safe for any thread. */
final class SessionOpener {
    private static final int ATTEMPTS = 3;

    private final DatabaseSettings settings;
    private final EventLog log;
    private final AtomicReference<String> lastSerial = new AtomicReference<>("");

    SessionOpener(DatabaseSettings settings, EventLog log) {
        this.settings = settings;
        this.log = log;
    }

    /** Tries again if the files were replaced meanwhile: the driver reads them one after the other. */
    Session open() throws SQLException {
        for (int attempt = 1; ; attempt++) {
            var before = stamp();
            var svid = settings.files().read();
            try {
                var session = connect(before);
                announce(session, svid.id().toString());
                return session;
            } catch (SQLException e) {
                if (attempt == ATTEMPTS || before.equals(stamp())) {
                    log.error()
                            .addKeyValue("pattern", "spiffe-helper")
                            .addKeyValue("event", "connection_failure")
                            .addKeyValue("target", settings.address().host())
                            .addKeyValue("spiffe_id", svid.id().toString())
                            .addKeyValue("error", e.getMessage())
                            .log("Connection failed");
                    throw e;
                }
            }
        }
    }

    IdentityFiles.Stamp stamp() throws SQLException {
        try {
            return settings.files().stamp();
        } catch (IOException e) {
            throw new SQLException("cannot read the client's identity: " + e, e);
        }
    }

    private Session connect(IdentityFiles.Stamp files) throws SQLException {
        var handshake = new Handshake();
        Connection connection;
        try {
            connection = ScopedValue.where(Handshake.CURRENT, handshake)
                    .call(() -> DriverManager.getConnection(settings.url(), settings.properties()));
        } catch (SQLException e) {
            var refusal = handshake.refusal();
            if (refusal.isPresent()) {
                throw new SQLException(refusal.get(), e);
            }
            throw new SQLException(PostgresFailure.inWords(e), e);
        }
        var seen = handshake.seen();
        if (seen.isEmpty()) {
            connection.close();
            throw new SQLException("the connection was made without a verified TLS handshake");
        }
        return new Session(connection, seen.get(), files, end(seen.get()));
    }

    private Instant end(Handshake.Seen seen) {
        return Stream.of(
                        Instant.now().plus(settings.limits().life()),
                        seen.own().getNotAfter().toInstant(),
                        seen.server().getNotAfter().toInstant())
                .min(Instant::compareTo)
                .orElseThrow();
    }

    private void announce(Session session, String id) {
        var seen = session.seen();
        var serial = Sighting.serialOf(seen.own());
        var old = lastSerial.getAndSet(serial);
        if (!old.isEmpty() && !old.equals(serial)) {
            log.info()
                    .addKeyValue("pattern", "spiffe-helper")
                    .addKeyValue("event", "cert_rotation")
                    .addKeyValue("spiffe_id", id)
                    .addKeyValue("old_serial", old)
                    .addKeyValue("new_serial", serial)
                    .log("Client certificate rotated");
        }
        log.info()
                .addKeyValue("pattern", "spiffe-helper")
                .addKeyValue("event", "connection_success")
                .addKeyValue("target", settings.address().host())
                .addKeyValue("spiffe_id", id)
                .addKeyValue("peer_spiffe_id", settings.server().toString())
                .addKeyValue("serial", serial)
                .addKeyValue("peer_serial", Sighting.serialOf(seen.server()))
                .log("Connection successful");
    }
}
