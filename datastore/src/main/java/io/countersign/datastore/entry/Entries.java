// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.entry;

import io.countersign.datastore.Database;
import io.countersign.datastore.Row;
import io.countersign.datastore.change.Change.Kind;
import io.countersign.datastore.change.ChangeLog;
import io.countersign.datastore.change.Update;
import io.countersign.spiffe.TrustDomain;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.SqlStatement;

/** The registration entries, in the order in which they were made. Thread-safe. */
public final class Entries {
    /** Ids in one query. */
    private static final int AT_ONCE = 500;

    /** From so many on it is faster to read everything. */
    private static final int MANY = 20_000;

    private final Database database;

    public Entries(Database database) {
        this.database = database;
    }

    /** As {@link #createAll}, one. */
    public Created create(RegistrationEntry entry) {
        return createAll(List.of(entry)).getFirst();
    }

    /**
     * Adds each entry with revision 0, unless one with its id or one that says the same is there, or it federates with a
     * trust domain whose bundle is not. One that is refused keeps no other one out.
     *
     * @return what became of each, in the order in which they were given
     */
    public List<Created> createAll(List<RegistrationEntry> wanted) {
        return database.decide(handle -> {
            var outcomes = new ArrayList<Created>();
            var fresh = new ArrayList<String>();
            for (var entry : wanted) {
                var outcome = create(handle, entry);
                outcomes.add(outcome);
                if (outcome instanceof Created.Fresh) {
                    fresh.add(entry.id());
                }
            }
            changed(handle, fresh);
            return outcomes;
        });
    }

    private static Created create(Handle handle, RegistrationEntry entry) {
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
    }

    /**
     * What is to become of the entry with an id.
     *
     * @param change gets the one that is there, if there is one, and throws {@link IllegalArgumentException} to refuse
     */
    public record Replacement(String id, Function<Optional<RegistrationEntry>, RegistrationEntry> change) {}

    /** Puts the entry in the place of the one with its id, as {@link #replaceAll}. */
    public Replaced replace(RegistrationEntry entry) {
        return replaceAll(List.of(new Replacement(entry.id(), old -> entry))).getFirst();
    }

    /**
     * Puts what is made of each entry in its place, one revision on, unless another one says the same. One that is refused
     * keeps no other one out.
     *
     * @return what became of each, in the order in which they were given
     */
    public List<Replaced> replaceAll(List<Replacement> replacements) {
        return database.decide(handle -> {
            var outcomes = new ArrayList<Replaced>();
            var done = new ArrayList<String>();
            for (var replacement : replacements) {
                var outcome = replace(handle, replacement);
                outcomes.add(outcome);
                if (outcome instanceof Replaced.Done) {
                    done.add(replacement.id());
                }
            }
            changed(handle, done);
            return outcomes;
        });
    }

    private static Replaced replace(Handle handle, Replacement replacement) {
        var old = EntryRows.byId(handle, replacement.id());
        RegistrationEntry entry;
        try {
            entry = replacement.change().apply(old);
        } catch (IllegalArgumentException e) {
            return new Replaced.Refused(String.valueOf(e.getMessage()));
        }
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
    }

    public Optional<RegistrationEntry> find(String id) {
        return database.read(handle -> EntryRows.byId(handle, id));
    }

    public List<Row<RegistrationEntry>> list() {
        return database.read(EntryRows::all);
    }

    /** Everything that has changed after a position, or everything that there is. */
    public Update<RegistrationEntry> since(long position) {
        return database.read(handle -> {
            var since = ChangeLog.since(handle, position);
            var changed = since.items(Kind.ENTRY);
            if (changed.isEmpty() || changed.get().size() > MANY) {
                return new Update.All<>(EntryRows.all(handle), since.position());
            }
            var items = new HashMap<String, Optional<Row<RegistrationEntry>>>();
            var ids = new ArrayList<>(changed.get());
            for (int from = 0; from < ids.size(); from += AT_ONCE) {
                var some = ids.subList(from, Math.min(from + AT_ONCE, ids.size()));
                some.forEach(id -> items.put(id, Optional.empty()));
                EntryRows.byIds(handle, some)
                        .forEach(row -> items.put(row.value().id(), Optional.of(row)));
            }
            return new Update.Some<>(items, since.position());
        });
    }

    /** Whether there was one. */
    public boolean delete(String id) {
        return deleteAll(List.of(id)).getFirst();
    }

    /** Takes away the entries with these ids; for each, in order, whether there was one. */
    public List<Boolean> deleteAll(List<String> ids) {
        return database.decide(handle -> {
            var outcomes = new ArrayList<Boolean>();
            var gone = new ArrayList<String>();
            for (var id : ids) {
                boolean there = handle.execute("DELETE FROM registration_entries WHERE entry_id = ?", id) > 0;
                outcomes.add(there);
                if (there) {
                    gone.add(id);
                }
            }
            changed(handle, gone);
            return outcomes;
        });
    }

    /** Takes away what has expired; the answer says what it was. */
    public List<RegistrationEntry> prune(Instant now) {
        return database.decide(handle -> {
            var expired = EntryRows.expired(handle, now);
            for (var entry : expired) {
                handle.execute("DELETE FROM registration_entries WHERE entry_id = ?", entry.id());
            }
            changed(handle, expired.stream().map(RegistrationEntry::id).toList());
            return expired;
        });
    }

    private void changed(Handle handle, List<String> ids) {
        ChangeLog.append(database, handle, Kind.ENTRY, ids);
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
        long row = bind(handle.createQuery("""
                INSERT INTO registration_entries (entry_id, spiffe_id, parent_id, selector_digest, x509_svid_ttl,
                  jwt_svid_ttl, admin, downstream, store_svid, expires_at, hint, no_prefetch, unique_tokens, revision,
                  created_at)
                VALUES (:id, :spiffeId, :parentId, :digest, :x509Ttl, :jwtTtl, :admin, :downstream, :storeSvid,
                  :expiresAt, :hint, :noPrefetch, :uniqueTokens, :revision, :createdAt)
                RETURNING row_id"""), entry).mapTo(Long.class).one();
        insertLists(handle, row, entry);
    }

    private static void update(Handle handle, RegistrationEntry entry) {
        bind(handle.createUpdate("""
                UPDATE registration_entries SET spiffe_id = :spiffeId, parent_id = :parentId,
                  selector_digest = :digest, x509_svid_ttl = :x509Ttl, jwt_svid_ttl = :jwtTtl, admin = :admin,
                  downstream = :downstream, store_svid = :storeSvid, expires_at = :expiresAt, hint = :hint,
                  no_prefetch = :noPrefetch, unique_tokens = :uniqueTokens, revision = :revision,
                  created_at = :createdAt
                WHERE entry_id = :id"""), entry).execute();
        long row = EntryRows.rowOf(handle, entry.id());
        handle.execute("DELETE FROM entry_selectors WHERE entry_row = ?", row);
        handle.execute("DELETE FROM entry_dns_names WHERE entry_row = ?", row);
        handle.execute("DELETE FROM entry_federations WHERE entry_row = ?", row);
        insertLists(handle, row, entry);
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

    private static void insertLists(Handle handle, long row, RegistrationEntry entry) {
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
