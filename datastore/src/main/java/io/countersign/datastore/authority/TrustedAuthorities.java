// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.authority;

import io.countersign.datastore.Database;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.change.Change;
import io.countersign.datastore.change.ChangeLog;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The trust domain's bundle, oldest authority first. A change moves its sequence number on, in the same transaction.
 * Thread-safe.
 */
public final class TrustedAuthorities {
    private static final String OF_ID = " WHERE kind = ? AND authority_id = ?";

    private final Database database;

    public TrustedAuthorities(Database database) {
        this.database = database;
    }

    /** What the bundle is at one moment. */
    public record Published(List<TrustedAuthority> authorities, long sequenceNumber) {
        public Published {
            authorities = List.copyOf(authorities);
        }
    }

    /** What came of marking an authority as tainted. */
    public enum Tainting {
        DONE,
        TAINTED_BEFORE,
        UNKNOWN
    }

    /** What came of taking an authority out. */
    public enum Revocation {
        DONE,
        /** Only a tainted one may go: what it has signed has been replaced by then. */
        NOT_TAINTED,
        UNKNOWN
    }

    public Published published() {
        return database.read(handle -> new Published(
                select(handle, ""),
                handle.select("SELECT number FROM bundle_sequence")
                        .mapTo(Long.class)
                        .one()));
    }

    /**
     * Adds it, unless it is there. One that is there stays tainted if it was, and stays as long as either says.
     *
     * @return whether the bundle has changed
     * @throws IllegalArgumentException if its key id is that of another key
     */
    public boolean add(TrustedAuthority authority) {
        return addAll(List.of(authority));
    }

    /** As {@link #add}, all of them or none. */
    public boolean addAll(List<TrustedAuthority> authorities) {
        return database.decide(handle -> {
            boolean changed = false;
            for (var authority : authorities) {
                changed |= add(handle, authority);
            }
            if (changed) {
                bundleChanged(handle);
            }
            return changed;
        });
    }

    private static boolean add(Handle handle, TrustedAuthority authority) {
        var same = same(handle, authority);
        if (same.isEmpty()) {
            insert(handle, authority);
            return true;
        }
        if (!same.get().material().equals(authority.material())) {
            throw new IllegalArgumentException(
                    "key id \"" + authority.authorityId() + "\" is that of another key, expected a new one");
        }
        if (!authority.notAfter().isAfter(same.get().notAfter())) {
            return false;
        }
        handle.execute(
                "UPDATE trusted_authorities SET not_after = ?" + OF_ID + " AND material = ?",
                authority.notAfter().toEpochMilli(),
                word(authority.kind()),
                authority.authorityId(),
                authority.material());
        return true;
    }

    private static Optional<TrustedAuthority> same(Handle handle, TrustedAuthority authority) {
        var found = switch (authority.kind()) {
            case X509 -> select(handle, "WHERE kind = 'x509' AND material = ?", authority.material());
            case JWT -> select(handle, "WHERE kind = 'jwt' AND authority_id = ?", authority.authorityId());
        };
        return found.stream().findFirst();
    }

    private static void insert(Handle handle, TrustedAuthority authority) {
        handle.execute(
                "INSERT INTO trusted_authorities (kind, authority_id, material, not_after, tainted)"
                        + " VALUES (?, ?, ?, ?, ?)",
                word(authority.kind()),
                authority.authorityId(),
                authority.material(),
                authority.notAfter().toEpochMilli(),
                authority.tainted());
    }

    /** Marks whatever has that id. */
    public Tainting taint(Kind kind, String authorityId) {
        return database.decide(handle -> {
            var found = of(handle, kind, authorityId);
            if (found.isEmpty()) {
                return Tainting.UNKNOWN;
            }
            if (found.stream().anyMatch(TrustedAuthority::tainted)) {
                return Tainting.TAINTED_BEFORE;
            }
            handle.execute("UPDATE trusted_authorities SET tainted = TRUE" + OF_ID, word(kind), authorityId);
            bundleChanged(handle);
            return Tainting.DONE;
        });
    }

    /** Takes out whatever has that id. */
    public Revocation revoke(Kind kind, String authorityId) {
        return database.decide(handle -> {
            var found = of(handle, kind, authorityId);
            if (found.isEmpty()) {
                return Revocation.UNKNOWN;
            }
            if (!found.stream().allMatch(TrustedAuthority::tainted)) {
                return Revocation.NOT_TAINTED;
            }
            handle.execute("DELETE FROM trusted_authorities" + OF_ID, word(kind), authorityId);
            bundleChanged(handle);
            return Revocation.DONE;
        });
    }

    /**
     * Takes out what ended before then, but never the last of its kind, nor for another month what the journal of some server
     * says signs or is going to: by that server's clock it may last. Whether there was any.
     */
    public boolean prune(Instant endedBefore) {
        return database.decide(handle -> {
            int pruned = handle.createUpdate("""
                    DELETE FROM trusted_authorities WHERE not_after > 0 AND not_after < :before AND EXISTS (
                      SELECT 1 FROM trusted_authorities AS lasting WHERE lasting.kind = trusted_authorities.kind
                      AND (lasting.not_after = 0 OR lasting.not_after >= :before)) AND NOT EXISTS (
                      SELECT 1 FROM authorities AS signing WHERE signing.kind = trusted_authorities.kind
                      AND signing.authority_id = trusted_authorities.authority_id
                      AND signing.state <> 'old' AND signing.not_after >= :gone)""")
                    .bind("before", endedBefore.toEpochMilli())
                    .bind("gone", AuthorityJournal.goneBefore(endedBefore))
                    .execute();
            if (pruned > 0) {
                bundleChanged(handle);
            }
            return pruned > 0;
        });
    }

    private static List<TrustedAuthority> of(Handle handle, Kind kind, String authorityId) {
        return select(handle, OF_ID, word(kind), authorityId);
    }

    private static List<TrustedAuthority> select(Handle handle, String where, Object... values) {
        return handle.select("SELECT * FROM trusted_authorities " + where + " ORDER BY row_id", values)
                .map((row, context) -> authority(row))
                .list();
    }

    private void bundleChanged(Handle handle) {
        handle.execute("UPDATE bundle_sequence SET number = number + 1");
        ChangeLog.append(database, handle, Change.Kind.BUNDLE, "");
    }

    private static String word(Kind kind) {
        return AuthorityJournal.word(kind);
    }

    private static TrustedAuthority authority(ResultSet row) throws SQLException {
        return new TrustedAuthority(
                AuthorityJournal.kind(row.getString("kind")),
                row.getString("authority_id"),
                row.getString("material"),
                Instant.ofEpochMilli(row.getLong("not_after")),
                row.getBoolean("tainted"));
    }
}
