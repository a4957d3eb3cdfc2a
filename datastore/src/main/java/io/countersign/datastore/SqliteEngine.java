// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.TransactionMode;
import org.sqlite.SQLiteDataSource;

/**
 * A file. One connection writes, and takes the write lock when its transaction begins; others read, which in the mode WAL
 * neither waits for the writer nor makes it wait.
 */
final class SqliteEngine implements Engine {
    private static final Duration LOCK_WAIT = Duration.ofSeconds(10);
    private static final int READERS = 4;

    private final HikariDataSource writer;
    private final HikariDataSource readers;
    private final Jdbi writing;
    private final Jdbi reading;

    private SqliteEngine(HikariDataSource writer, HikariDataSource readers) {
        this.writer = writer;
        this.readers = readers;
        this.writing = Engine.jdbi(writer);
        this.reading = Engine.jdbi(readers);
    }

    /** @throws IOException as {@link Database#sqlite} */
    static SqliteEngine open(Path file) throws IOException {
        var folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        makeForItsOwner(file);
        try {
            var writer = pool(file, TransactionMode.IMMEDIATE, 1);
            try {
                Migration.SQLITE.apply(writer, "datastore " + file);
                return new SqliteEngine(writer, pool(file, TransactionMode.DEFERRED, READERS));
            } catch (IOException | RuntimeException e) {
                writer.close();
                throw e;
            }
        } catch (HikariPool.PoolInitializationException e) {
            throw new IOException("datastore " + file + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /** The tokens in it let nodes in. What SQLite lays beside it gets its mode. */
    private static void makeForItsOwner(Path file) throws IOException {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            // it keeps the mode that it has
        } catch (IOException e) {
            throw new IOException("datastore " + file + " cannot be made: " + e, e);
        }
    }

    private static HikariDataSource pool(Path file, TransactionMode mode, int connections) {
        var settings = new SQLiteConfig();
        settings.setJournalMode(SQLiteConfig.JournalMode.WAL);
        settings.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        settings.setTransactionMode(mode);
        settings.enforceForeignKeys(true);
        settings.setBusyTimeout((int) LOCK_WAIT.toMillis());
        var source = new SQLiteDataSource(settings);
        source.setUrl("jdbc:sqlite:" + file.toAbsolutePath());
        var pooled = new HikariConfig();
        pooled.setDataSource(source);
        pooled.setMaximumPoolSize(connections);
        pooled.setConnectionTimeout(LOCK_WAIT.toMillis());
        pooled.setPoolName("datastore-" + (mode == TransactionMode.IMMEDIATE ? "writer" : "readers"));
        return new HikariDataSource(pooled);
    }

    @Override
    public <T, X extends Exception> T read(HandleCallback<T, X> work) throws X {
        return reading.inTransaction(work);
    }

    @Override
    public <T, X extends Exception> T decide(HandleCallback<T, X> work) throws X {
        return writing.inTransaction(work);
    }

    /** Nobody else has the file open for long: what looks at it now and then finds what was changed. */
    @Override
    public void announce(Handle handle) {}

    @Override
    public long lastNumber(Handle handle, String table) {
        return handle.select("SELECT seq FROM sqlite_sequence WHERE name = ?", table)
                .mapTo(Long.class)
                .findOne()
                .orElse(0L);
    }

    @Override
    public void goOnAfter(Handle handle, String table, long number) {
        handle.execute("DELETE FROM sqlite_sequence WHERE name = ?", table);
        handle.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", table, number);
    }

    @Override
    public Listening listen() {
        return new Listening() {
            @Override
            public void await(Duration atMost) throws InterruptedException {
                Thread.sleep(atMost);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void close() {
        readers.close();
        writer.close();
    }
}
