// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.entry;

import io.countersign.datastore.Database;
import io.countersign.datastore.Row;
import io.countersign.spiffe.TrustDomain;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.SqlStatement;

/** The registration entries, in the order in which they were made. Thread-safe. */
public final class Entries {
    private final Database database;

    public Entries(Database database) {
        this.database = database;
    }

    /**
     * Adds the entry with revision 0, unless one with its id or one that says the same is there, or it federates with a
     * trust domain whose bundle is not.
     */
    public Created create(RegistrationEntry entry) {
        return database.read(handle -> {
            var similar = EntryRows.similar(handle, entry);
            if (similar.isPresent()) {
                return new Created.Similar(similar.get());
            }
            var taken = EntryRows.byId(handle, entry.id());
            if (taken.isPresent()) {
                return new Created.Taken(taken.get());
            }
            var unknown = unknownBundle(handle, entry);
            if (unknown.isPresent()) {
                return new Created.UnknownBundle(unknown.get());
            }
            var fresh = entry.withRevision(0, entry.createdAt());
            insert(handle, fresh);
            return new Created.Fresh(fresh);
        });
    }

    /** Puts the entry in the place of the one with its id, one revision on, unless another one says the same. */
    public Replaced replace(RegistrationEntry entry) {
        return database.read(handle -> {
            var old = EntryRows.byId(handle, entry.id());
            if (old.isEmpty()) {
                return new Replaced.Missing();
            }
            var similar =
                    EntryRows.similar(handle, entry).filter(other -> !other.id().equals(entry.id()));
            if (similar.isPresent()) {
                return new Replaced.Similar(similar.get());
            }
            var unknown = unknownBundle(handle, entry);
            if (unknown.isPresent()) {
                return new Replaced.UnknownBundle(unknown.get());
            }
            var next = entry.withRevision(old.get().revision() + 1, old.get().createdAt());
            update(handle, next);
            return new Replaced.Done(next);
        });
    }

    public Optional<RegistrationEntry> find(String id) {
        return database.read(handle -> EntryRows.byId(handle, id));
    }

    public List<Row<RegistrationEntry>> list() {
        return database.read(EntryRows::all);
    }

    /** Whether there was one. */
    public boolean delete(String id) {
        return database.read(handle -> handle.createUpdate("DELETE FROM registration_entries WHERE entry_id = :id")
                        .bind("id", id)
                        .execute()
                > 0);
    }

    /** Takes away what has expired; the answer says what it was. */
    public List<RegistrationEntry> prune(Instant now) {
        return database.read(handle -> {
            var expired = EntryRows.all(handle).stream()
                    .map(Row::value)
                    .filter(entry -> entry.expiresAt().isPresent()
                            && !entry.expiresAt().get().isAfter(now))
                    .toList();
            for (var entry : expired) {
                handle.execute("DELETE FROM registration_entries WHERE entry_id = ?", entry.id());
            }
            return expired;
        });
    }

    private static Optional<TrustDomain> unknownBundle(Handle handle, RegistrationEntry entry) {
        return entry.terms().federatesWith().stream()
                .sorted()
                .filter(domain -> handle.select("SELECT 1 FROM federated_bundles WHERE trust_domain = ?", domain.name())
                        .mapTo(Integer.class)
                        .findOne()
                        .isEmpty())
                .findFirst();
    }

    private static void insert(Handle handle, RegistrationEntry entry) {
        bind(handle.createUpdate("""
                INSERT INTO registration_entries (entry_id, spiffe_id, parent_id, selector_digest, x509_svid_ttl,
                  jwt_svid_ttl, admin, downstream, store_svid, expires_at, hint, no_prefetch, unique_tokens, revision,
                  created_at)
                VALUES (:id, :spiffeId, :parentId, :digest, :x509Ttl, :jwtTtl, :admin, :downstream, :storeSvid,
                  :expiresAt, :hint, :noPrefetch, :uniqueTokens, :revision, :createdAt)"""), entry).execute();
        insertLists(handle, entry);
    }

    private static void update(Handle handle, RegistrationEntry entry) {
        bind(handle.createUpdate("""
                UPDATE registration_entries SET spiffe_id = :spiffeId, parent_id = :parentId,
                  selector_digest = :digest, x509_svid_ttl = :x509Ttl, jwt_svid_ttl = :jwtTtl, admin = :admin,
                  downstream = :downstream, store_svid = :storeSvid, expires_at = :expiresAt, hint = :hint,
                  no_prefetch = :noPrefetch, unique_tokens = :uniqueTokens, revision = :revision,
                  created_at = :createdAt
                WHERE entry_id = :id"""), entry).execute();
        var row = EntryRows.rowOf(handle, entry.id());
        handle.execute("DELETE FROM entry_selectors WHERE entry_row = ?", row);
        handle.execute("DELETE FROM entry_dns_names WHERE entry_row = ?", row);
        handle.execute("DELETE FROM entry_federations WHERE entry_row = ?", row);
        insertLists(handle, entry);
    }

    private static <S extends SqlStatement<S>> S bind(S statement, RegistrationEntry entry) {
        var terms = entry.terms();
        return statement
                .bind("id", entry.id())
                .bind("spiffeId", entry.spiffeId().toString())
                .bind("parentId", entry.parentId().toString())
                .bind("digest", SelectorDigest.of(entry.selectors()))
                .bind("x509Ttl", terms.x509Ttl().toSeconds())
                .bind("jwtTtl", terms.jwtTtl().toSeconds())
                .bind("admin", terms.admin())
                .bind("downstream", terms.downstream())
                .bind("storeSvid", terms.storeSvid())
                .bind(
                        "expiresAt",
                        entry.expiresAt().map(Instant::getEpochSecond).orElse(null))
                .bind("hint", terms.hint())
                .bind("noPrefetch", terms.noPrefetch())
                .bind("uniqueTokens", terms.uniqueTokens())
                .bind("revision", entry.revision())
                .bind("createdAt", entry.createdAt().getEpochSecond());
    }

    private static void insertLists(Handle handle, RegistrationEntry entry) {
        long row = EntryRows.rowOf(handle, entry.id());
        var selectors = handle.prepareBatch("INSERT INTO entry_selectors (entry_row, type, value) VALUES (?, ?, ?)");
        entry.selectors().forEach(selector -> selectors.add(row, selector.type(), selector.value()));
        run(selectors);
        var names = handle.prepareBatch("INSERT INTO entry_dns_names (entry_row, position, name) VALUES (?, ?, ?)");
        for (int i = 0; i < entry.terms().dnsNames().size(); i++) {
            names.add(row, i, entry.terms().dnsNames().get(i));
        }
        run(names);
        var federations = handle.prepareBatch("INSERT INTO entry_federations (entry_row, trust_domain) VALUES (?, ?)");
        entry.terms().federatesWith().forEach(domain -> federations.add(row, domain.name()));
        run(federations);
    }

    private static void run(PreparedBatch batch) {
        if (batch.size() > 0) {
            batch.execute();
        }
    }
}
