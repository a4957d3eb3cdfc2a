// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.countersign.datastore.DatabaseSettings.Pool;
import io.countersign.datastore.DatabaseSettings.Postgresql;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL that several servers share. A transaction that writes locks the one row that counts changes before anything
 * else, so the next one sees all that it has done; a reading one keeps the snapshot of its first query.
 */
final class PostgresEngine implements Engine {
    private static final Duration LOCK_WAIT = Duration.ofSeconds(10);
    private static final Duration CONNECTION_WAIT = Duration.ofSeconds(5);
    private static final Duration IDLE = Duration.ofSeconds(30);

    /**
     * After which the database ends a transaction in which nothing comes: whoever is frozen or cut off in the middle of a
     * change would keep the others from all of theirs. Longer than what is done between two statements, which is most where
     * a thousand rows are copied into another database, and where one connection holds the lock of a migration that another
     * one makes.
     */
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private static final String CHANNEL = "countersign_changes";

    private final PGSimpleDataSource source;
    private final HikariDataSource pool;
    private final Jdbi jdbi;

    private PostgresEngine(PGSimpleDataSource source, HikariDataSource pool) {
        this.source = source;
        this.pool = pool;
        this.jdbi = Engine.jdbi(pool);
    }

    /**
     * @param longestPause between two statements of a transaction
     * @throws IOException as {@link Database#open}
     */
    static PostgresEngine open(Postgresql settings, Duration longestPause) throws IOException {
        var name = "datastore " + settings.connection();
        var source = settings.connection().source();
        HikariDataSource pool;
        try {
            pool = new HikariDataSource(pooled(source, settings.pool(), longestPause));
        } catch (HikariPool.PoolInitializationException e) {
            throw new IOException(name + " cannot be opened: " + cause(e), e);
        }
        try {
            if (settings.migrate()) {
                Migration.POSTGRESQL.apply(pool, name);
            } else {
                Migration.POSTGRESQL.check(pool, name);
            }
            return new PostgresEngine(source, pool);
        } catch (IOException | RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    private static HikariConfig pooled(PGSimpleDataSource source, Pool settings, Duration longestPause) {
        var pooled = new HikariConfig();
        pooled.setDataSource(source);
        pooled.setMaximumPoolSize(settings.connections());
        pooled.setMinimumIdle(settings.idle());
        pooled.setIdleTimeout(IDLE.toMillis());
        settings.life().ifPresent(life -> pooled.setMaxLifetime(life.toMillis()));
        pooled.setConnectionTimeout(CONNECTION_WAIT.toMillis());
        pooled.setExceptionOverride(new LeaveReadOnly());
        pooled.setConnectionInitSql(session(longestPause));
        pooled.setPoolName("datastore");
        return pooled;
    }

    /** Has the database find out by itself, and soon, that nobody is at the other end any more. */
    private static String session(Duration longestPause) {
        return Stream.of(
                        "lock_timeout = " + LOCK_WAIT.toMillis(),
                        "idle_in_transaction_session_timeout = " + longestPause.toMillis(),
                        "tcp_keepalives_idle = 10",
                        "tcp_keepalives_interval = 5",
                        "tcp_keepalives_count = 3")
                .map(setting -> "SET " + setting)
                .collect(Collectors.joining("; "));
    }

    /** The pool says only that it failed. */
    private static String cause(Throwable failure) {
        var cause = failure.getCause();
        return String.valueOf(Objects.requireNonNullElse(cause, failure).getMessage());
    }

    @Override
    public <T, X extends Exception> T read(HandleCallback<T, X> work) throws X {
        return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, work);
    }

    @Override
    public <T, X extends Exception> T decide(HandleCallback<T, X> work) throws X {
        // not a snapshot of the beginning: each query is to see what was committed while the lock was waited for
        return jdbi.inTransaction(TransactionIsolationLevel.READ_COMMITTED, handle -> {
            handle.execute("SELECT latest FROM change_counter FOR UPDATE");
            return work.withHandle(handle);
        });
    }

    @Override
    public void announce(Handle handle) {
        handle.execute("NOTIFY " + CHANNEL);
    }

    @Override
    public long lastNumber(Handle handle, String table) {
        return handle.select(
                        "SELECT COALESCE(pg_sequence_last_value(pg_get_serial_sequence(?, 'row_id')::regclass), 0)",
                        table)
                .mapTo(Long.class)
                .one();
    }

    @Override
    public void goOnAfter(Handle handle, String table, long number) {
        if (number > 0) {
            handle.select("SELECT setval(pg_get_serial_sequence(?, 'row_id'), ?)", table, number)
                    .mapTo(Long.class)
                    .one();
        }
    }

    @Override
    public Listening listen() throws SQLException {
        var connection = source.getConnection();
        try (var statement = connection.createStatement()) {
            statement.execute("LISTEN " + CHANNEL);
            return new Ear(connection, connection.unwrap(PGConnection.class));
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** A connection of its own, which stands in no transaction. */
    private record Ear(Connection connection, PGConnection notified) implements Listening {
        @Override
        public void await(Duration atMost) throws SQLException {
            notified.getNotifications((int) atMost.toMillis());
        }

        @Override
        public void close() {
            try {
                connection.close();
            } catch (SQLException e) {
                // it was broken before, which await has said
            }
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
