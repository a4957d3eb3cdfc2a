// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.federation;

import io.countersign.datastore.Database;
import io.countersign.datastore.Row;
import io.countersign.datastore.change.Change.Kind;
import io.countersign.datastore.change.ChangeLog;
import io.countersign.spiffe.TrustDomain;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;

/** The bundles of other trust domains, in the order in which they came. Thread-safe. */
public final class FederatedBundles {
    private static final String FEDERATED_ENTRIES = "(SELECT entry_row FROM entry_federations WHERE trust_domain = ?)";

    private final Database database;

    public FederatedBundles(Database database) {
        this.database = database;
    }

    /** Whether it is there now; not if one of its trust domain was before, which stays. */
    public boolean create(FederatedBundle bundle) {
        return database.decide(handle -> {
            boolean fresh = BundleRows.find(handle, bundle.trustDomain()).isEmpty();
            if (fresh) {
                set(handle, bundle);
            }
            return fresh;
        });
    }

    /** Puts it in the place of the one of its trust domain, if there is one. */
    public void set(FederatedBundle bundle) {
        database.write(handle -> set(handle, bundle));
    }

    /** Puts what {@code change} makes of the stored one in its place; nothing if there is none. */
    public Optional<FederatedBundle> update(TrustDomain trustDomain, UnaryOperator<FederatedBundle> change) {
        return database.decide(handle -> {
            var changed = BundleRows.find(handle, trustDomain).map(change);
            changed.ifPresent(bundle -> set(handle, bundle));
            return changed;
        });
    }

    public Optional<FederatedBundle> find(TrustDomain trustDomain) {
        return database.read(handle -> BundleRows.find(handle, trustDomain));
    }

    public List<Row<FederatedBundle>> list() {
        return database.read(BundleRows::all);
    }

    public int count() {
        return database.read(handle -> handle.select("SELECT count(*) FROM federated_bundles")
                .mapTo(Integer.class)
                .one());
    }

    /** An entry that no longer federates is one revision on, so that nodes see it. */
    public Deleted delete(TrustDomain trustDomain, DeleteMode mode) {
        return database.decide(handle -> {
            if (BundleRows.find(handle, trustDomain).isEmpty()) {
                return new Deleted.Missing();
            }
            var entries = handle.select(
                            "SELECT entry_id FROM registration_entries WHERE row_id IN " + FEDERATED_ENTRIES,
                            trustDomain.name())
                    .mapTo(String.class)
                    .list();
            if (!entries.isEmpty() && mode == DeleteMode.RESTRICT) {
                return new Deleted.Restricted(entries.size());
            }
            release(handle, trustDomain, mode);
            handle.execute("DELETE FROM federated_bundles WHERE trust_domain = ?", trustDomain.name());
            ChangeLog.append(database, handle, Kind.ENTRY, entries);
            ChangeLog.append(database, handle, Kind.FEDERATED_BUNDLE, trustDomain.name());
            return new Deleted.Done();
        });
    }

    private void set(Handle handle, FederatedBundle bundle) {
        BundleRows.set(handle, bundle);
        ChangeLog.append(
                database, handle, Kind.FEDERATED_BUNDLE, bundle.trustDomain().name());
    }

    private static void release(Handle handle, TrustDomain trustDomain, DeleteMode mode) {
        switch (mode) {
            case DELETE ->
                handle.execute(
                        "DELETE FROM registration_entries WHERE row_id IN " + FEDERATED_ENTRIES, trustDomain.name());
            case DISSOCIATE -> {
                handle.execute(
                        "UPDATE registration_entries SET revision = revision + 1 WHERE row_id IN " + FEDERATED_ENTRIES,
                        trustDomain.name());
                handle.execute("DELETE FROM entry_federations WHERE trust_domain = ?", trustDomain.name());
            }
            case RESTRICT -> {}
        }
    }
}
