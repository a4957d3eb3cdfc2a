// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend.database;

import io.countersign.launch.EventLog;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A few sessions with PostgreSQL, kept for reuse. Not one of the usual pools, because the life of a session here hangs
 * on certificates: a renewed file retires every session that began with the old one, no session outlives either
 * certificate, each carries what its handshake showed, and a database that is away is reported at once, not after a
 * time-out. Safe for any thread.
 */
public final class SessionPool implements AutoCloseable {
    private static final int WAIT_SECONDS = 5;

    /** What is done with a session. */
    @FunctionalInterface
    interface Work<T> {
        T with(Session session) throws SQLException;
    }

    private final DatabaseSettings settings;
    private final SessionOpener opener;
    private final Semaphore free;
    private final ConcurrentLinkedDeque<Session> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    public SessionPool(DatabaseSettings settings, EventLog log) {
        this.settings = settings;
        this.opener = new SessionOpener(settings, log);
        this.free = new Semaphore(settings.limits().open());
    }

    public DatabaseSettings settings() {
        return settings;
    }

    /** Asks the database for a sign of life. */
    public void ping() throws SQLException {
        use(session -> {
            try (var statement = session.connection().createStatement()) {
                return statement.execute("SELECT 1");
            }
        });
    }

    <T> T use(Work<T> work) throws SQLException {
        if (!acquire()) {
            throw new SQLException("all %d sessions have been busy for %d seconds"
                    .formatted(settings.limits().open(), WAIT_SECONDS));
        }
        try {
            var session = borrow();
            var sound = false;
            try {
                var result = work.with(session);
                sound = true;
                return result;
            } finally {
                giveBack(session, sound);
            }
        } finally {
            free.release();
        }
    }

    private boolean acquire() throws SQLException {
        try {
            return free.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted while waiting for a session", e);
        }
    }

    private Session borrow() throws SQLException {
        var files = opener.stamp();
        for (var session = idle.pollLast(); session != null; session = idle.pollLast()) {
            if (session.isFresh(Instant.now(), files) && session.answers()) {
                return session;
            }
            session.close();
        }
        return opener.open();
    }

    private void giveBack(Session session, boolean sound) {
        if (!sound || closed || idle.size() >= settings.limits().idle()) {
            session.close();
        } else {
            idle.addLast(session);
        }
    }

    @Override
    public void close() {
        closed = true;
        for (var session = idle.pollLast(); session != null; session = idle.pollLast()) {
            session.close();
        }
    }
}
