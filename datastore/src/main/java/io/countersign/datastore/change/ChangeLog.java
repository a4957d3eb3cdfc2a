// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.change;

import io.countersign.datastore.Database;
import io.countersign.datastore.change.Change.Kind;
import java.util.Collection;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The rows of the feed, within the transactions of those who write and read what it tells of. */
public final class ChangeLog {
    /** No change has it, so who has read nothing yet begins with it. */
    public static final long NOWHERE = -1;

    private ChangeLog() {}

    /** Writes that these have changed, in a transaction of {@link Database#decide} or {@link Database#write}. */
    public static void append(Database database, Handle handle, Kind kind, Collection<String> items) {
        if (items.isEmpty()) {
            return;
        }
        long position = handle.createQuery("UPDATE change_counter SET latest = latest + :count RETURNING latest")
                        .bind("count", items.size())
                        .mapTo(Long.class)
                        .one()
                - items.size();
        long now = System.currentTimeMillis();
        var rows = handle.prepareBatch("INSERT INTO changes (position, kind, item, made_at) VALUES (?, ?, ?, ?)");
        for (var item : items) {
            rows.add(++position, kind.word(), item, now);
        }
        rows.execute();
        database.announce(handle, position);
    }

    /** As {@link #append(Database, Handle, Kind, Collection)}. */
    public static void append(Database database, Handle handle, Kind kind, String item) {
        append(database, handle, kind, List.of(item));
    }

    /** The position of the last change that was committed. */
    public static long latest(Handle handle) {
        return handle.select("SELECT latest FROM change_counter")
                .mapTo(Long.class)
                .one();
    }

    /** What has changed after a position, up to the moment that the transaction sees. */
    public static Since since(Handle handle, long position) {
        var counter = handle.select("SELECT latest, pruned FROM change_counter")
                .map((row, context) -> new long[] {row.getLong(1), row.getLong(2)})
                .one();
        long latest = counter[0];
        if (position > latest || position < counter[1]) {
            return new Since.Unknown(latest);
        }
        var changes = handle.select("SELECT kind, item FROM changes WHERE position > ? ORDER BY position", position)
                .map((row, context) -> new Change(Kind.of(row.getString(1)), row.getString(2)))
                .list();
        return new Since.Changes(changes, latest);
    }
}
