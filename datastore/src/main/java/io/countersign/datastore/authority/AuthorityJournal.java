// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.authority;

import io.countersign.datastore.Database;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.AuthorityRecord.State;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * Every authority that the bundle holds, oldest first. A change that shows in the bundle moves its sequence number on, in
 * the same transaction. Thread-safe.
 */
public final class AuthorityJournal {
    private final Database database;

    public AuthorityJournal(Database database) {
        this.database = database;
    }

    /** What the bundle is at one moment. */
    public record Published(List<AuthorityRecord> authorities, long sequenceNumber) {
        public Published {
            authorities = List.copyOf(authorities);
        }
    }

    public Published published() {
        return database.read(handle -> new Published(
                authorities(handle),
                handle.select("SELECT number FROM bundle_sequence")
                        .mapTo(Long.class)
                        .one()));
    }

    /** Adds one. Another of its kind that was in that state becomes an old one. */
    public void add(AuthorityRecord authority) {
        database.write(handle -> {
            retire(handle, authority.kind(), authority.state());
            insert(handle, authority);
            bundleChanged(handle);
        });
    }

    /**
     * Adds those whose material is not there yet.
     *
     * @return one that has the id of another one, in which case nothing is added
     */
    public Optional<AuthorityRecord> append(List<AuthorityRecord> appended) {
        return database.read(handle -> {
            var known = authorities(handle);
            var fresh = new ArrayList<AuthorityRecord>();
            for (var authority : appended) {
                var kin = Stream.concat(known.stream(), fresh.stream())
                        .filter(other -> other.kind() == authority.kind())
                        .toList();
                if (kin.stream().anyMatch(other -> other.material().equals(authority.material()))) {
                    continue;
                }
                if (kin.stream().anyMatch(other -> other.authorityId().equals(authority.authorityId()))) {
                    return Optional.of(authority);
                }
                fresh.add(authority);
            }
            fresh.forEach(authority -> insert(handle, authority));
            if (!fresh.isEmpty()) {
                bundleChanged(handle);
            }
            return Optional.empty();
        });
    }

    private static void insert(Handle handle, AuthorityRecord authority) {
        handle.createUpdate("""
                INSERT INTO authorities (kind, authority_id, slot, state, material, not_before, not_after, tainted)
                VALUES (:kind, :id, :slot, :state, :material, :notBefore, :notAfter, :tainted)""")
                .bind("kind", word(authority.kind()))
                .bind("id", authority.authorityId())
                .bind("slot", authority.slot())
                .bind("state", word(authority.state()))
                .bind("material", authority.material())
                .bind("notBefore", authority.notBefore().toEpochMilli())
                .bind("notAfter", authority.notAfter().toEpochMilli())
                .bind("tainted", authority.tainted())
                .execute();
    }

    /** The one with that id signs from now on; the one that did is an old one. The bundle stays as it is. */
    public void activate(Kind kind, String authorityId) {
        database.write(handle -> {
            retire(handle, kind, State.ACTIVE);
            handle.execute(
                    "UPDATE authorities SET state = ? WHERE kind = ? AND authority_id = ?",
                    word(State.ACTIVE),
                    word(kind),
                    authorityId);
        });
    }

    /** Takes old ones, and appended ones, out of the bundle that ended before then. Whether there were any. */
    public boolean prune(Instant endedBefore) {
        return database.read(handle -> {
            int pruned = handle.execute(
                    "DELETE FROM authorities WHERE state IN (?, ?) AND not_after > 0 AND not_after < ?",
                    word(State.OLD),
                    word(State.APPENDED),
                    endedBefore.toEpochMilli());
            if (pruned > 0) {
                bundleChanged(handle);
            }
            return pruned > 0;
        });
    }

    private static List<AuthorityRecord> authorities(Handle handle) {
        return handle.select("SELECT * FROM authorities ORDER BY row_id")
                .map((row, context) -> authority(row))
                .list();
    }

    private static void retire(Handle handle, Kind kind, State state) {
        handle.execute(
                "UPDATE authorities SET state = ? WHERE kind = ? AND state = ?",
                word(State.OLD),
                word(kind),
                word(state));
    }

    private static void bundleChanged(Handle handle) {
        handle.execute("UPDATE bundle_sequence SET number = number + 1");
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static AuthorityRecord authority(ResultSet row) throws SQLException {
        return new AuthorityRecord(
                Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                row.getString("authority_id"),
                row.getString("slot"),
                State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getString("material"),
                Instant.ofEpochMilli(row.getLong("not_before")),
                Instant.ofEpochMilli(row.getLong("not_after")),
                row.getBoolean("tainted"));
    }
}
