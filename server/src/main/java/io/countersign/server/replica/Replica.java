// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.replica;

import io.countersign.datastore.UnavailableException;
import io.countersign.datastore.change.Change.Kind;
import io.countersign.datastore.change.ChangeFeed;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A snapshot of something in the database. Whoever asks for it gets everything that was committed by this server before, and
 * what others have committed as far as the feed has told of it. While the database is away the last snapshot stays, so that
 * what needs no writing goes on. Thread-safe.
 */
public final class Replica<S extends Replica.Snapshot<S>> implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Replica.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Of one moment. */
    public interface Snapshot<S> {
        /** That moment's place in the feed. */
        long position();

        /** The same, where nothing of it has changed up to another place. */
        S at(long position);
    }

    private final ChangeFeed feed;
    private final Kind kind;
    private final UnaryOperator<S> advance;
    private final ReentrantLock advancing = new ReentrantLock();
    private final Thread thread = Thread.ofVirtual().name("replica").unstarted(this::follow);
    private volatile S snapshot;
    private volatile boolean behind;
    private long failedAt;
    private long tryAgain;

    /**
     * Reads what there is.
     *
     * @param kind what it is of
     * @param advance reads what has changed since a snapshot and makes the next one
     * @throws UnavailableException if the database is away
     */
    public Replica(ChangeFeed feed, Kind kind, S nothing, UnaryOperator<S> advance) {
        this.feed = feed;
        this.kind = kind;
        this.advance = advance;
        this.snapshot = advance.apply(nothing);
        feed.seen(snapshot.position());
    }

    /** Follows in the background, so that after many changes nobody has to wait long. */
    public Replica<S> start() {
        thread.start();
        return this;
    }

    public S current() {
        var now = snapshot;
        return now.position() == feed.position() ? now : advanced();
    }

    private S advanced() {
        advancing.lock();
        try {
            if (snapshot.position() != feed.position() && !isWaiting()) {
                snapshot = next(snapshot);
                feed.seen(snapshot.position());
                behind = false;
            }
        } catch (UnavailableException e) {
            if (!behind) {
                log.atWarn().addKeyValue("reason", e.getMessage()).log("the last snapshot stays for now");
            }
            behind = true;
            failedAt = feed.position();
            tryAgain = System.nanoTime() + PAUSE.toNanos();
        } finally {
            advancing.unlock();
        }
        return snapshot;
    }

    private S next(S old) {
        var since = feed.since(old.position());
        boolean untouched = since.items(kind).map(Set::isEmpty).orElse(false);
        return untouched ? old.at(since.position()) : advance.apply(old);
    }

    /** A change that was committed since says that the database is back. */
    private boolean isWaiting() {
        return behind && feed.position() == failedAt && System.nanoTime() < tryAgain;
    }

    private void follow() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                if (feed.await(snapshot.position(), PAUSE)) {
                    followOnce();
                }
                if (behind) {
                    Thread.sleep(PAUSE);
                }
            }
        } catch (InterruptedException e) {
            // only closing interrupts
            Thread.currentThread().interrupt();
        }
    }

    private void followOnce() throws InterruptedException {
        try {
            var _ = current();
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("changes cannot be taken over; it is tried again");
            Thread.sleep(PAUSE);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
