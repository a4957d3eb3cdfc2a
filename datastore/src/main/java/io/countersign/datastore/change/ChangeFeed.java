// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.change;

import io.countersign.datastore.Database;
import io.countersign.datastore.Listening;
import io.countersign.datastore.UnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the feed for the readers of this process. What is committed here wakes them at once. What another process commits
 * wakes them when PostgreSQL says so, and at the latest when this looks, once a second. Thread-safe.
 */
public final class ChangeFeed implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ChangeFeed.class);
    private static final Duration LOOKING = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final Database database;
    private final Thread thread = Thread.ofVirtual().name("changes").unstarted(this::run);
    private final ReentrantLock reading = new ReentrantLock();
    private Optional<Read> lastRead = Optional.empty();
    private volatile boolean closed;

    private record Read(long after, Since since) {
        boolean answers(long position, long latest) {
            return after == position && since.position() == latest;
        }
    }

    public ChangeFeed(Database database) {
        this.database = database;
    }

    public ChangeFeed start() {
        thread.start();
        return this;
    }

    /**
     * How far the feed is, as far as this process knows: to begin with, and to compare one's own position with. It goes back
     * if the database has lost what it had committed; what is after it then has to be read again.
     */
    public long position() {
        return database.progress().position();
    }

    /**
     * Returns when something has changed after a position, or the time is over, or the database is closed.
     *
     * @return whether something has changed
     */
    public boolean await(long position, Duration atMost) throws InterruptedException {
        return database.progress().await(position, atMost);
    }

    /** Somebody has read the database as of that position. */
    public void seen(long position) {
        database.progress().reached(position);
    }

    /** What has changed after a position. It is read once for all who follow. */
    public Since since(long position) {
        reading.lock();
        try {
            var last = lastRead;
            if (last.isPresent() && last.get().answers(position, position())) {
                return last.get().since();
            }
            Since since = database.read(handle -> ChangeLog.since(handle, position));
            lastRead = Optional.of(new Read(position, since));
            seen(since.position());
            return since;
        } finally {
            reading.unlock();
        }
    }

    /** Forgets changes that are older than that; who has not read them by then reads everything again. */
    public void prune(Duration age) {
        long before = System.currentTimeMillis() - age.toMillis();
        database.write(handle -> {
            handle.execute("""
                    UPDATE change_counter SET pruned =
                      COALESCE((SELECT max(position) FROM changes WHERE made_at < ?), pruned)""", before);
            handle.execute("DELETE FROM changes WHERE position <= (SELECT pruned FROM change_counter)");
        });
    }

    private void run() {
        var pause = LOOKING;
        while (!closed) {
            try (var listening = database.listen()) {
                pause = LOOKING;
                follow(listening);
            } catch (SQLException | UnavailableException e) {
                if (!closed) {
                    log.atWarn().addKeyValue("reason", e.getMessage()).log("changes cannot be heard for now");
                }
                waitAndLook(pause);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            } catch (RuntimeException e) {
                log.atError().setCause(e).log("changes cannot be followed for now");
                waitAndLook(pause);
            } catch (InterruptedException e) {
                // only closing interrupts
                return;
            }
        }
    }

    private void follow(Listening listening) throws SQLException, InterruptedException {
        while (!closed) {
            look();
            listening.await(LOOKING);
        }
    }

    private void look() {
        long known = position();
        long latest = database.read(ChangeLog::latest);
        if (latest < known) {
            log.atWarn()
                    .addKeyValue("known", known)
                    .addKeyValue("found", latest)
                    .log("the datastore has lost changes that it had committed");
            reading.lock();
            try {
                database.progress().rewound(known, latest);
                // what is committed next gets positions that were there already
                lastRead = Optional.empty();
            } finally {
                reading.unlock();
            }
        }
        database.progress().reached(latest);
    }

    /** Listening is what pauses; looking goes on as far as it can. */
    private void waitAndLook(Duration pause) {
        // not all servers at the same moment when the database comes back
        long end = System.nanoTime()
                + pause.toNanos()
                + ThreadLocalRandom.current().nextLong(LOOKING.toNanos());
        while (!closed && System.nanoTime() < end) {
            try {
                Thread.sleep(LOOKING);
                look();
            } catch (RuntimeException e) {
                log.atDebug().addKeyValue("reason", e.getMessage()).log("changes cannot be looked for");
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(LOOKING);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
