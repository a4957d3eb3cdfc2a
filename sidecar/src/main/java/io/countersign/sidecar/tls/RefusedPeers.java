// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.tls;

import io.countersign.rpc.LineBudget;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who was turned away in a handshake, and who would have been let in. Envoy tells neither side; here the operator sees it in the
 * log and in the admin listener, the peer still nothing. Keeps the last ones only. Thread-safe.
 */
public final class RefusedPeers {
    private static final Logger log = LoggerFactory.getLogger(RefusedPeers.class);
    private static final int KEPT = 64;
    private static final Duration REPEATED_AFTER = Duration.ofMinutes(1);

    private final InstantSource clock;
    private final Deque<Refused> last = new ArrayDeque<>();
    /** Names cost whoever makes them up nothing. */
    private final LineBudget budget;

    public RefusedPeers(InstantSource clock) {
        this.clock = clock;
        this.budget = new LineBudget(
                () -> Duration.between(Instant.EPOCH, clock.instant()).toNanos());
    }

    /**
     * One peer, by what it is told apart by.
     *
     * @param where the listener or cluster
     * @param shown the names in its certificate
     * @param allowed the names of which it should have had one, as the file has them; empty means that any will do
     */
    public record Peer(String where, List<String> shown, List<String> allowed, String reason) {
        public Peer {
            shown = List.copyOf(shown);
            allowed = List.copyOf(allowed);
        }
    }

    /**
     * @param times how often since it first came
     * @param logged when it was last worth a line
     */
    public record Refused(Peer peer, Instant first, Instant latest, int times, Instant logged) {}

    /** Newest first. */
    public synchronized List<Refused> last() {
        return List.copyOf(last);
    }

    void add(Peer peer) {
        if (!remember(peer, clock.instant())) {
            return;
        }
        var telling = budget.take();
        if (telling.before() > 0) {
            log.atWarn()
                    .addKeyValue("count", telling.before())
                    .log("more peers refused in the handshake than have a line; /refused_peers shows the last");
        }
        if (telling.isWritten()) {
            log.atWarn()
                    .addKeyValue("for", peer.where())
                    .addKeyValue("shown", peer.shown())
                    .addKeyValue("allowed", peer.allowed())
                    .addKeyValue("reason", peer.reason())
                    .log("peer refused in the handshake");
        }
    }

    /** Says whether it is worth a line: a peer that comes again and again is one line a minute. */
    private synchronized boolean remember(Peer peer, Instant now) {
        var before = last.stream().filter(one -> one.peer().equals(peer)).findFirst();
        before.ifPresent(last::remove);
        boolean worthALine =
                before.isEmpty() || !before.get().logged().plus(REPEATED_AFTER).isAfter(now);
        last.addFirst(
                before.map(one -> new Refused(peer, one.first(), now, one.times() + 1, worthALine ? now : one.logged()))
                        .orElseGet(() -> new Refused(peer, now, now, 1, now)));
        if (last.size() > KEPT) {
            last.removeLast();
        }
        return worthALine;
    }
}
