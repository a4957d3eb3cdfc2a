// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * Copies a database into an empty one, whatever kind each is. Ids, revisions, order, authorities and the place in the feed of
 * changes are the same afterwards, so agents and servers go on as if nothing had happened.
 */
public final class DatabaseCopy {
    /** Rows that others refer to come first. */
    private static final List<String> TABLES = List.of(
            "federated_bundles",
            "federated_authorities",
            "federation_relationships",
            "registration_entries",
            "entry_selectors",
            "entry_dns_names",
            "entry_federations",
            "attested_nodes",
            "node_selectors",
            "join_tokens",
            "authorities",
            "trusted_authorities",
            "changes");

    /** Of one row each, which an empty database has, too. */
    private static final List<String> COUNTERS = List.of("bundle_sequence", "change_counter");

    /** Whose rows have numbers that are never given again. */
    private static final List<String> NUMBERED = List.of(
            "federated_bundles",
            "federation_relationships",
            "registration_entries",
            "attested_nodes",
            "authorities",
            "trusted_authorities");

    private static final int AT_ONCE = 1000;

    private final Database from;
    private final Database to;

    public DatabaseCopy(Database from, Database to) {
        this.from = from;
        this.to = to;
    }

    /**
     * Copies what there is at one moment, in one transaction: all or nothing.
     *
     * @return how many rows each table has, in the order in which they were copied
     * @throws IOException if the destination is not empty, or has not what was copied; it is as it was then
     */
    public Map<String, Long> copy() throws IOException {
        return from.<Map<String, Long>, IOException>read(source -> to.<Map<String, Long>, IOException>decide(target -> {
            checkEmpty(target);
            var copied = new LinkedHashMap<String, Long>();
            for (var table : TABLES) {
                copied.put(table, copy(source, target, table));
            }
            for (var counter : COUNTERS) {
                target.execute("DELETE FROM " + counter);
                var _ = copy(source, target, counter);
            }
            for (var numbered : NUMBERED) {
                to.engine().goOnAfter(target, numbered, from.engine().lastNumber(source, numbered));
            }
            return copied;
        }));
    }

    private static void checkEmpty(Handle target) throws IOException {
        for (var table : TABLES) {
            long rows = count(target, table);
            if (rows > 0) {
                throw new IOException("the destination is not empty: its table " + table + " has " + rows
                        + " rows; expected a database that no server has used");
            }
        }
    }

    private static long copy(Handle source, Handle target, String table) throws IOException {
        var read = source.select("SELECT * FROM " + table)
                .setFetchSize(AT_ONCE)
                .scanResultSet((results, context) -> insertAll(target, table, results.get()));
        long there = count(target, table);
        if (there != read) {
            throw new IOException("table " + table + " has " + there + " rows after " + read + " were copied");
        }
        return there;
    }

    private static long insertAll(Handle target, String table, ResultSet rows) throws SQLException {
        var columns = rows.getMetaData();
        var names = new ArrayList<String>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            names.add(columns.getColumnName(i));
        }
        var statement = "INSERT INTO " + table + " (" + String.join(", ", names) + ") VALUES ("
                + String.join(", ", Collections.nCopies(names.size(), "?")) + ")";
        long count = 0;
        try (var insert = target.getConnection().prepareStatement(statement)) {
            while (rows.next()) {
                bind(insert, rows, columns);
                insert.addBatch();
                if (++count % AT_ONCE == 0) {
                    insert.executeBatch();
                }
            }
            insert.executeBatch();
        }
        return count;
    }

    private static void bind(PreparedStatement insert, ResultSet row, ResultSetMetaData columns) throws SQLException {
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            // SQLite keeps a boolean as a number
            boolean flag = columns.getColumnTypeName(i).toLowerCase(Locale.ROOT).startsWith("bool");
            if (flag) {
                insert.setBoolean(i, row.getBoolean(i));
            } else {
                insert.setObject(i, row.getObject(i));
            }
        }
    }

    private static long count(Handle handle, String table) {
        return handle.select("SELECT count(*) FROM " + table).mapTo(Long.class).one();
    }
}
