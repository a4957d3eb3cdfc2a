// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.HandleConsumer;
import org.jdbi.v3.core.Jdbi;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The open database, brought to this version's schema. Every read and write is a transaction that takes the write lock when
 * it begins, so what is read in it still holds when it commits. Thread-safe.
 */
public final class Database implements AutoCloseable {
    private static final Duration LOCK_WAIT = Duration.ofSeconds(10);
    private static final int CONNECTIONS = 4;

    private final HikariDataSource pool;
    private final Jdbi jdbi;

    private Database(HikariDataSource pool) {
        this.pool = pool;
        this.jdbi = Jdbi.create(pool);
    }

    /**
     * Opens a file, or makes it. A commit has reached the disk when it returns.
     *
     * @throws IOException if the folder cannot be made, or the file is no database of this version or an earlier one
     */
    public static Database sqlite(Path file) throws IOException {
        var folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        var settings = new SQLiteConfig();
        settings.setJournalMode(SQLiteConfig.JournalMode.WAL);
        settings.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        settings.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        settings.enforceForeignKeys(true);
        settings.setBusyTimeout((int) LOCK_WAIT.toMillis());
        var source = new SQLiteDataSource(settings);
        source.setUrl("jdbc:sqlite:" + file.toAbsolutePath());
        var pooled = new HikariConfig();
        pooled.setDataSource(source);
        pooled.setMaximumPoolSize(CONNECTIONS);
        pooled.setPoolName("datastore");
        try {
            var pool = new HikariDataSource(pooled);
            migrate(pool, file);
            return new Database(pool);
        } catch (HikariPool.PoolInitializationException e) {
            throw new IOException("datastore " + file + " cannot be opened: " + e.getMessage(), e);
        }
    }

    private static void migrate(HikariDataSource pool, Path file) throws IOException {
        try {
            Flyway.configure(Database.class.getClassLoader())
                    .dataSource(pool)
                    .locations("classpath:io/countersign/datastore/migration")
                    .failOnMissingLocations(true)
                    .validateOnMigrate(true)
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            pool.close();
            throw new IOException(
                    "datastore " + file + " cannot be brought to this version's schema: " + e.getMessage(), e);
        }
    }

    /** Runs one transaction and hands back what it found. */
    public <T, X extends Exception> T read(HandleCallback<T, X> work) throws X {
        return jdbi.inTransaction(work);
    }

    /** Runs one transaction. */
    public <X extends Exception> void write(HandleConsumer<X> work) throws X {
        jdbi.useTransaction(work);
    }

    @Override
    public void close() {
        pool.close();
    }
}
