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
    private boolean ended;

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
        switch (since) {
            case Since.Unknown _ -> {
                served = current();
                tell(Unsaid.ANYTHING);
            }
            case Since.Changes known -> {
                if (known.position() > begin) {
                    consider(known.changes());
                }
            }
        }
    }

    private void consider(List<Change> changes) {
        var before = served;
        // every node is asked about every change: the entries are gone through if they may be others
        if (changes.stream().anyMatch(this::mayChangeEntries)) {
            served = current();
        }
        if (changes.stream().anyMatch(this::isOwn)) {
            tell(Unsaid.ANYTHING);
        } else if (!served.equals(before)) {
            tell(Unsaid.ENTRIES);
        }
    }

    /** Those of a node depend on its selectors, too. */
    private boolean mayChangeEntries(Change change) {
        return switch (change.kind()) {
            case ENTRY -> true;
            case NODE -> change.item().equals(agent.toString());
            case BUNDLE, FEDERATED_BUNDLE, RELATIONSHIP -> false;
        };
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
        if (ended || unsaid == Unsaid.NOTHING || call.isCancelled() || !call.isReady()) {
            return;
        }
        call.onNext(WatchNodeResponse.newBuilder()
                .setEntriesOnly(unsaid == Unsaid.ENTRIES)
                .build());
        unsaid = Unsaid.NOTHING;
    }

    /** Whether it has ended. */
    boolean endIfOld() {
        boolean old = System.nanoTime() - end > 0;
        if (old) {
            end();
        }
        return old;
    }

    /** Nothing more is said; the node may ask anew. */
    synchronized void end() {
        if (!ended && !call.isCancelled()) {
            call.onCompleted();
        }
        ended = true;
    }
}
