// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.HandleConsumer;

/**
 * The open database, brought to this version's schema. Transactions that write wait for each other from their beginning on,
 * in whichever process they run, so what is read in one still holds when it commits. A commit has reached the disk when it
 * returns. Each transaction throws {@link UnavailableException} if the database cannot be reached. Thread-safe.
 */
public final class Database implements AutoCloseable {
    private final Engine engine;
    private final Progress progress = new Progress();

    private Database(Engine engine) {
        this.engine = engine;
    }

    /**
     * Opens it, or makes it where it is a file.
     *
     * @throws IOException if it cannot be opened, or is no database of this version or an earlier one
     */
    public static Database open(DatabaseSettings settings) throws IOException {
        return new Database(
                switch (settings) {
                    case DatabaseSettings.Sqlite(var file) -> SqliteEngine.open(file);
                    case DatabaseSettings.Postgresql postgresql ->
                        PostgresEngine.open(postgresql, PostgresEngine.LONGEST_PAUSE);
                });
    }

    /** As {@link #open}; a transaction in which nothing comes for so long is ended. */
    static Database open(DatabaseSettings.Postgresql settings, Duration longestPause) throws IOException {
        return new Database(PostgresEngine.open(settings, longestPause));
    }

    /** As {@link #open}, that file. */
    public static Database sqlite(Path file) throws IOException {
        return open(new DatabaseSettings.Sqlite(file));
    }

    /** Runs one transaction that only reads, and hands back what it found. */
    public <T, X extends Exception> T read(HandleCallback<T, X> work) throws X {
        try {
            return engine.read(work);
        } catch (RuntimeException e) {
            throw UnavailableException.or(e);
        }
    }

    /** Runs one transaction that reads, decides and writes, and hands back what came of it. */
    public <T, X extends Exception> T decide(HandleCallback<T, X> work) throws X {
        try {
            return engine.decide(work);
        } catch (RuntimeException e) {
            throw UnavailableException.or(e);
        }
    }

    /** Runs one transaction that writes. */
    public <X extends Exception> void write(HandleConsumer<X> work) throws X {
        var _ = this.<Boolean, X>decide(handle -> {
            work.useHandle(handle);
            return true;
        });
    }

    /** How far the feed of changes is known to be. */
    public Progress progress() {
        return progress;
    }

    /** To be called in a transaction that moves the feed on: when it commits, everybody who waits is woken. */
    public void announce(Handle handle, long position) {
        engine.announce(handle);
        handle.afterCommit(() -> progress.reached(position));
    }

    /** @throws SQLException if the database cannot be reached */
    public Listening listen() throws SQLException {
        return engine.listen();
    }

    Engine engine() {
        return engine;
    }

    @Override
    public void close() {
        progress.close();
        engine.close();
    }
}
