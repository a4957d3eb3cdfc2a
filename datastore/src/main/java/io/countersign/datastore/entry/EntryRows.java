// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.entry;

import io.countersign.datastore.Row;
import io.countersign.datastore.Selector;
import io.countersign.datastore.entry.RegistrationEntry.Terms;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jdbi.v3.core.Handle;

/** Puts entries together from the rows of their four tables: four queries, however many entries there are. */
final class EntryRows {
    private static final String BY_ID = " WHERE entry_id = ?";

    /** What hangs on an entry, until it is put together. */
    private static final class Lists {
        final List<Selector> selectors = new ArrayList<>();
        final List<String> dnsNames = new ArrayList<>();
        final List<TrustDomain> federations = new ArrayList<>();
    }

    private EntryRows() {}

    static List<Row<RegistrationEntry>> all(Handle handle) {
        return select(handle, "");
    }

    static Optional<RegistrationEntry> byId(Handle handle, String id) {
        return whole(handle, row(handle, BY_ID, id));
    }

    /** Those of the ids that there are. */
    static List<Row<RegistrationEntry>> byIds(Handle handle, List<String> ids) {
        var marks = String.join(", ", Collections.nCopies(ids.size(), "?"));
        return select(handle, " WHERE entry_id IN (" + marks + ")", ids.toArray());
    }

    /** What has expired by then. */
    static List<RegistrationEntry> expired(Handle handle, Instant now) {
        return select(handle, " WHERE expires_at <= ?", now.getEpochSecond()).stream()
                .map(Row::value)
                .toList();
    }

    /** The one that says the same of the same selectors. */
    static Optional<RegistrationEntry> similar(Handle handle, RegistrationEntry entry) {
        return whole(
                handle,
                row(
                        handle,
                        " WHERE spiffe_id = ? AND parent_id = ? AND selector_digest = ?",
                        entry.spiffeId().toString(),
                        entry.parentId().toString(),
                        SelectorDigest.of(entry.selectors())));
    }

    static long rowOf(Handle handle, String id) {
        return row(handle, BY_ID, id).orElseThrow();
    }

    private static Optional<Long> row(Handle handle, String where, Object... values) {
        return handle.select("SELECT row_id FROM registration_entries" + where, values)
                .mapTo(Long.class)
                .findOne();
    }

    private static Optional<RegistrationEntry> whole(Handle handle, Optional<Long> row) {
        return row.flatMap(number ->
                select(handle, " WHERE row_id = ?", number).stream().findFirst().map(Row::value));
    }

    private static List<Row<RegistrationEntry>> select(Handle handle, String where, Object... values) {
        var rows = " WHERE entry_row IN (SELECT row_id FROM registration_entries" + where + ")";
        Map<Long, Lists> lists = new HashMap<>();
        collect(
                handle,
                "SELECT entry_row, type, value FROM entry_selectors" + rows,
                values,
                lists,
                (of, row) -> of.selectors.add(new Selector(row.get(0), row.get(1))));
        collect(
                handle,
                "SELECT entry_row, name, '' FROM entry_dns_names" + rows + " ORDER BY position",
                values,
                lists,
                (of, row) -> of.dnsNames.add(row.get(0)));
        collect(
                handle,
                "SELECT entry_row, trust_domain, '' FROM entry_federations" + rows,
                values,
                lists,
                (of, row) -> of.federations.add(new TrustDomain(row.get(0))));
        return handle.select("SELECT * FROM registration_entries" + where + " ORDER BY row_id", values)
                .map((row, context) -> {
                    long number = row.getLong("row_id");
                    return new Row<>(number, entry(row, lists.getOrDefault(number, new Lists())));
                })
                .list();
    }

    private static void collect(
            Handle handle, String query, Object[] values, Map<Long, Lists> lists, BiConsumer<Lists, List<String>> add) {
        handle.select(query, values).scanResultSet((results, context) -> {
            try (var rows = results.get()) {
                while (rows.next()) {
                    var of = lists.computeIfAbsent(rows.getLong(1), row -> new Lists());
                    add.accept(of, List.of(rows.getString(2), rows.getString(3)));
                }
            }
            return lists;
        });
    }

    private static RegistrationEntry entry(ResultSet row, Lists lists) throws SQLException {
        var terms = new Terms(
                Duration.ofSeconds(row.getLong("x509_svid_ttl")),
                Duration.ofSeconds(row.getLong("jwt_svid_ttl")),
                Set.copyOf(lists.federations),
                lists.dnsNames,
                row.getBoolean("admin"),
                row.getBoolean("downstream"),
                row.getBoolean("store_svid"),
                row.getString("hint"),
                row.getBoolean("no_prefetch"),
                row.getBoolean("unique_tokens"));
        long expiresAt = row.getLong("expires_at");
        var expiry = row.wasNull() ? Optional.<Instant>empty() : Optional.of(Instant.ofEpochSecond(expiresAt));
        return new RegistrationEntry(
                row.getString("entry_id"),
                SpiffeId.parse(row.getString("spiffe_id")),
                SpiffeId.parse(row.getString("parent_id")),
                Set.copyOf(lists.selectors),
                terms,
                expiry,
                row.getLong("revision"),
                Instant.ofEpochSecond(row.getLong("created_at")));
    }
}
