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

/** What signs here, did sign or is going to, oldest first. Thread-safe. */
public final class AuthorityJournal {
    private final Database database;

    public AuthorityJournal(Database database) {
        this.database = database;
    }

    public List<AuthorityRecord> records() {
        return database.read(handle -> handle.select("SELECT * FROM authorities ORDER BY row_id")
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
                    "DELETE FROM authorities WHERE kind = ? AND state = ?",
                    word(authority.kind()),
                    word(State.PREPARED));
            if (authority.state() == State.ACTIVE) {
                retireActive(handle, authority.kind());
            }
            handle.createUpdate("""
                    INSERT INTO authorities (kind, authority_id, slot, state, material, not_before, not_after)
                    VALUES (:kind, :id, :slot, :state, :material, :notBefore, :notAfter)""")
                    .bind("kind", word(authority.kind()))
                    .bind("id", authority.authorityId())
                    .bind("slot", authority.slot())
                    .bind("state", word(authority.state()))
                    .bind("material", authority.material())
                    .bind("notBefore", authority.notBefore().toEpochMilli())
                    .bind("notAfter", authority.notAfter().toEpochMilli())
                    .execute();
        });
    }

    /** The one with that id signs from now on; the one that did is an old one. */
    public void activate(Kind kind, String authorityId) {
        database.write(handle -> {
            retireActive(handle, kind);
            handle.execute(
                    "UPDATE authorities SET state = ? WHERE kind = ? AND authority_id = ?",
                    word(State.ACTIVE),
                    word(kind),
                    authorityId);
        });
    }

    /** Forgets one that cannot sign any more and never has. */
    public void discard(Kind kind, String authorityId) {
        database.write(handle -> handle.execute(
                "DELETE FROM authorities WHERE kind = ? AND authority_id = ? AND state = ?",
                word(kind),
                authorityId,
                word(State.PREPARED)));
    }

    /** Forgets old ones that ended before then. Whether there were any. */
    public boolean prune(Instant endedBefore) {
        return database.read(handle -> handle.execute(
                        "DELETE FROM authorities WHERE state = ? AND not_after < ?",
                        word(State.OLD),
                        endedBefore.toEpochMilli())
                > 0);
    }

    private static void retireActive(Handle handle, Kind kind) {
        handle.execute(
                "UPDATE authorities SET state = ? WHERE kind = ? AND state = ?",
                word(State.OLD),
                word(kind),
                word(State.ACTIVE));
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
