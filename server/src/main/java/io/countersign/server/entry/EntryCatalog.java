// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import io.countersign.datastore.change.Change.Kind;
import io.countersign.datastore.change.ChangeFeed;
import io.countersign.datastore.change.ChangeLog;
import io.countersign.datastore.change.Update;
import io.countersign.datastore.entry.Entries;
import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.server.replica.Replica;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;

/** All entries in memory. A change of one costs the same however many there are. Thread-safe. */
public final class EntryCatalog implements AutoCloseable {
    private final Replica<EntrySnapshot> replica;

    public EntryCatalog(TrustDomain trustDomain, Entries entries, ChangeFeed feed) {
        var server = SpiffeId.of(trustDomain, "/spire/server");
        replica = new Replica<>(
                feed,
                Kind.ENTRY,
                EntrySnapshot.empty(server, ChangeLog.NOWHERE),
                old -> next(old, entries.since(old.position())));
    }

    public EntryCatalog start() {
        var _ = replica.start();
        return this;
    }

    /** As {@link Replica#current}. */
    public EntrySnapshot current() {
        return replica.current();
    }

    private static EntrySnapshot next(EntrySnapshot old, Update<RegistrationEntry> update) {
        return switch (update) {
            case Update.All<RegistrationEntry> all -> EntrySnapshot.of(old.server(), all.rows(), all.position());
            case Update.Some<RegistrationEntry> some -> {
                var next = old;
                for (var item : some.items().entrySet()) {
                    var without = next.without(item.getKey());
                    next = item.getValue().map(without::with).orElse(without);
                }
                yield next.at(some.position());
            }
        };
    }

    @Override
    public void close() {
        replica.close();
    }
}
