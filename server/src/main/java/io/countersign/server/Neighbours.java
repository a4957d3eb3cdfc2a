// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import io.countersign.datastore.UnavailableException;
import io.countersign.datastore.change.Change.Kind;
import io.countersign.datastore.change.ChangeFeed;
import io.countersign.datastore.change.Since;
import io.countersign.server.authority.Authorities;
import io.countersign.server.federation.BundlePolling;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes over what other servers on the same database change in the bundle and in relationships, on a thread of its own. */
final class Neighbours implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Neighbours.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final ChangeFeed feed;
    private final Authorities authorities;
    private final BundlePolling polling;
    private final Thread thread = Thread.ofVirtual().name("neighbours").unstarted(this::run);
    private long position;

    Neighbours(ChangeFeed feed, Authorities authorities, BundlePolling polling) {
        this.feed = feed;
        this.authorities = authorities;
        this.polling = polling;
    }

    /** From what the database holds by now; what was changed before is read once more. */
    Neighbours start() {
        thread.start();
        return this;
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                // a feed that has gone back has lost what was taken over
                if (feed.await(position, PAUSE) || feed.position() < position) {
                    takeOver();
                }
            }
        } catch (InterruptedException e) {
            // only closing interrupts
            Thread.currentThread().interrupt();
        }
    }

    private void takeOver() throws InterruptedException {
        try {
            var since = feed.since(position);
            var kinds = kinds(since);
            if (kinds.contains(Kind.BUNDLE)) {
                authorities.reload();
            }
            if (kinds.contains(Kind.RELATIONSHIP)) {
                polling.changed();
            }
            position = since.position();
        } catch (UnavailableException e) {
            log.atDebug().addKeyValue("reason", e.getMessage()).log("changes of others are taken over later");
            Thread.sleep(PAUSE);
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("changes of others cannot be taken over; it is tried again");
            Thread.sleep(PAUSE);
        }
    }

    private static Set<Kind> kinds(Since since) {
        return switch (since) {
            case Since.Unknown _ -> EnumSet.allOf(Kind.class);
            case Since.Changes known ->
                known.changes().stream().map(change -> change.kind()).collect(Collectors.toSet());
        };
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
