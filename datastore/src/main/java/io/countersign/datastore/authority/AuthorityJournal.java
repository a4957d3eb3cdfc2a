// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.authority;

import io.countersign.datastore.Database;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.AuthorityRecord.State;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
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

    /** A server that has not replaced for so long what signs there does not come back; no clock is as wrong. */
    private static final Duration GONE_FOR_GOOD = Duration.ofDays(30);

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
     * Writes one down, be it there or not. What else was prepared has never signed and is gone then; what was active is an
     * old one, if this one is active.
     */
    public void write(AuthorityRecord authority) {
        database.write(handle -> {
            handle.execute(
                    "DELETE FROM authorities WHERE kind = ? AND state = ? AND authority_id <> ?" + OWN,
                    word(authority.kind()),
                    word(State.PREPARED),
                    authority.authorityId(),
                    server);
            if (authority.state() == State.ACTIVE) {
                retireActive(handle, authority.kind());
            }
            handle.createUpdate("""
                    INSERT INTO authorities (kind, authority_id, slot, state, material, not_before, not_after,
                      server)
                    VALUES (:kind, :id, :slot, :state, :material, :notBefore, :notAfter, :server)
                    ON CONFLICT (kind, authority_id) DO UPDATE SET state = excluded.state""")
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
     * Forgets old ones that ended before then. Of other servers it forgets the rest, too, but a month later: what seems to have
     * ended may only do so by this server's clock. Whether there were any of this server.
     */
    public boolean prune(Instant endedBefore) {
        return database.decide(handle -> {
            handle.execute(
                    "DELETE FROM authorities WHERE (not_after < ? OR (state = ? AND not_after < ?)) AND server <> ?",
                    goneBefore(endedBefore),
                    word(State.OLD),
                    endedBefore.toEpochMilli(),
                    server);
            return handle.execute(
                            "DELETE FROM authorities WHERE state = ? AND not_after < ?" + OWN,
                            word(State.OLD),
                            endedBefore.toEpochMilli(),
                            server)
                    > 0;
        });
    }

    /** Milliseconds: what ended before then signs no more, whatever is written of it. */
    static long goneBefore(Instant endedBefore) {
        return endedBefore.minus(GONE_FOR_GOOD).toEpochMilli();
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
