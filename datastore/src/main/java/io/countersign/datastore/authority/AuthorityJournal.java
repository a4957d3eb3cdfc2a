// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.authority;

import io.countersign.datastore.Database;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.AuthorityRecord.State;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jdbi.v3.core.Handle;

/**
 * What signs in one server, did sign or is going to, oldest first. Other servers that share the database have journals of
 * their own in it. Thread-safe.
 */
public final class AuthorityJournal {
    private static final String OWN = " AND server = ?";

    private final Database database;
    private final String server;

    /**
     * Takes over what was written before there were several servers, if nobody has yet.
     *
     * @param server the server's id, which no other one has
     */
    public AuthorityJournal(Database database, String server) {
        this.database = database;
        this.server = server;
        database.write(handle -> handle.execute("UPDATE authorities SET server = ? WHERE server = ''", server));
    }

    public List<AuthorityRecord> records() {
        return database.read(
                handle -> handle.select("SELECT * FROM authorities WHERE server = ? ORDER BY row_id", server)
                        .map((row, context) -> authority(row))
                        .list());
    }

    /**
     * Adds one. What was prepared has never signed and is gone then; what was active is an old one, if the new one is
     * active.
     */
    public void add(AuthorityRecord authority) {
        database.write(handle -> {
            handle.execute(
                    "DELETE FROM authorities WHERE kind = ? AND state = ?" + OWN,
                    word(authority.kind()),
                    word(State.PREPARED),
                    server);
            if (authority.state() == State.ACTIVE) {
                retireActive(handle, authority.kind());
            }
            handle.createUpdate("""
                    INSERT INTO authorities (kind, authority_id, slot, state, material, not_before, not_after,
                      server)
                    VALUES (:kind, :id, :slot, :state, :material, :notBefore, :notAfter, :server)""")
                    .bind("kind", word(authority.kind()))
                    .bind("id", authority.authorityId())
                    .bind("slot", authority.slot())
                    .bind("state", word(authority.state()))
                    .bind("material", authority.material())
                    .bind("notBefore", authority.notBefore().toEpochMilli())
                    .bind("notAfter", authority.notAfter().toEpochMilli())
                    .bind("server", server)
                    .execute();
        });
    }

    /** The one with that id signs from now on; the one that did is an old one. */
    public void activate(Kind kind, String authorityId) {
        database.write(handle -> {
            retireActive(handle, kind);
            handle.execute(
                    "UPDATE authorities SET state = ? WHERE kind = ? AND authority_id = ?" + OWN,
                    word(State.ACTIVE),
                    word(kind),
                    authorityId,
                    server);
        });
    }

    /** Forgets one that cannot sign any more and never has. */
    public void discard(Kind kind, String authorityId) {
        database.write(handle -> handle.execute(
                "DELETE FROM authorities WHERE kind = ? AND authority_id = ? AND state = ?" + OWN,
                word(kind),
                authorityId,
                word(State.PREPARED),
                server));
    }

    /**
     * Forgets old ones that ended before then, and whatever ended before then of a server that has not renewed it: it is gone
     * for good, or begins anew when it comes back. Whether there were any of this server.
     */
    public boolean prune(Instant endedBefore) {
        long before = endedBefore.toEpochMilli();
        return database.decide(handle -> {
            handle.execute("DELETE FROM authorities WHERE not_after < ? AND server <> ?", before, server);
            return handle.execute(
                            "DELETE FROM authorities WHERE state = ? AND not_after < ?" + OWN,
                            word(State.OLD),
                            before,
                            server)
                    > 0;
        });
    }

    private void retireActive(Handle handle, Kind kind) {
        handle.execute(
                "UPDATE authorities SET state = ? WHERE kind = ? AND state = ?" + OWN,
                word(State.OLD),
                word(kind),
                word(State.ACTIVE),
                server);
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static Kind kind(String word) {
        return Kind.valueOf(word.toUpperCase(Locale.ROOT));
    }

    private static AuthorityRecord authority(ResultSet row) throws SQLException {
        return new AuthorityRecord(
                kind(row.getString("kind")),
                row.getString("authority_id"),
                row.getString("slot"),
                State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getString("material"),
                Instant.ofEpochMilli(row.getLong("not_before")),
                Instant.ofEpochMilli(row.getLong("not_after")));
    }
}
