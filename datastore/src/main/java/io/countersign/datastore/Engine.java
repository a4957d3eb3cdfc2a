// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;

/** What the two kinds of database do differently. Thread-safe. */
sealed interface Engine extends AutoCloseable permits PostgresEngine, SqliteEngine {
    /** One transaction that sees one moment's state, beside whatever is written meanwhile. */
    <T, X extends Exception> T read(HandleCallback<T, X> work) throws X;

    /** One transaction that no other one of this kind runs beside, in whatever process. */
    <T, X extends Exception> T decide(HandleCallback<T, X> work) throws X;

    /** Wakes other processes when the transaction commits. */
    void announce(Handle handle);

    /** The highest number that a row of the table ever had; 0 if there never was one. */
    long lastNumber(Handle handle, String table);

    /** The next row of the table gets a number after that one. */
    void goOnAfter(Handle handle, String table, long number);

    Listening listen() throws SQLException;

    @Override
    void close();
}
