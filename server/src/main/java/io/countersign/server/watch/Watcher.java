// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.watch;

import io.countersign.datastore.change.Change;
import io.countersign.datastore.change.Since;
import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.serverapi.watch.WatchNodeResponse;
import io.countersign.spiffe.SpiffeId;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** One node that waits, and what it was told of. Thread-safe. */
final class Watcher {
    /** Shorter than a connection's, so that a node shows its certificate again soon after it has a new one. */
    private static final Duration LIFE = Duration.ofMinutes(2);

    private final SpiffeId agent;
    private final long begin;
    private final Supplier<List<RegistrationEntry>> authorized;
    private final ServerCallStreamObserver<WatchNodeResponse> call;
    private final long end = System.nanoTime() + LIFE.toNanos();
    private Map<String, RegistrationEntry> served;
    private Unsaid unsaid = Unsaid.NOTHING;

    /** What the node has not been told of; each includes those before. */
    private enum Unsaid {
        NOTHING,
        ENTRIES,
        ANYTHING
    }

    /** @param begin what has changed up to this position the node finds out by itself, after its first word */
    Watcher(
            SpiffeId agent,
            long begin,
            Supplier<List<RegistrationEntry>> authorized,
            ServerCallStreamObserver<WatchNodeResponse> call) {
        this.agent = agent;
        this.begin = begin;
        this.authorized = authorized;
        this.call = call;
        this.served = current();
    }

    private Map<String, RegistrationEntry> current() {
        return authorized.get().stream()
                .collect(Collectors.toMap(RegistrationEntry::id, Function.identity(), (one, same) -> one));
    }

    /** Tells the node if any of this is its own. */
    synchronized void consider(Since since) {
        if (since instanceof Since.Changes && since.position() <= begin) {
            return;
        }
        var before = served;
        served = current();
        boolean beyond = switch (since) {
            case Since.Unknown _ -> true;
            case Since.Changes known -> known.changes().stream().anyMatch(change -> isOwn(change));
        };
        if (beyond || !served.equals(before)) {
            tell(beyond ? Unsaid.ANYTHING : Unsaid.ENTRIES);
        }
    }

    private boolean isOwn(Change change) {
        return switch (change.kind()) {
            case BUNDLE -> true;
            case NODE -> change.item().equals(agent.toString());
            case FEDERATED_BUNDLE ->
                served.values().stream()
                        .flatMap(entry -> entry.terms().federatesWith().stream())
                        .anyMatch(domain -> domain.name().equals(change.item()));
            // seen by comparing what is served
            case ENTRY, RELATIONSHIP -> false;
        };
    }

    /** The first word, which is of anything. */
    void begin() {
        tell(Unsaid.ANYTHING);
    }

    /** One word is enough, so a node that does not read is told when it reads again. */
    private synchronized void tell(Unsaid more) {
        unsaid = more.compareTo(unsaid) > 0 ? more : unsaid;
        readyAgain();
    }

    synchronized void readyAgain() {
        if (unsaid == Unsaid.NOTHING || call.isCancelled() || !call.isReady()) {
            return;
        }
        call.onNext(WatchNodeResponse.newBuilder()
                .setEntriesOnly(unsaid == Unsaid.ENTRIES)
                .build());
        unsaid = Unsaid.NOTHING;
    }

    /** Whether it has ended. */
    synchronized boolean endIfOld() {
        boolean old = System.nanoTime() - end > 0;
        if (old && !call.isCancelled()) {
            call.onCompleted();
        }
        return old;
    }
}
