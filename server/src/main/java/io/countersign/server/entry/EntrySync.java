// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.server.wire.Masks;
import io.countersign.serverapi.entry.EntryRevision;
import io.countersign.serverapi.entry.SyncAuthorizedEntriesRequest;
import io.countersign.serverapi.entry.SyncAuthorizedEntriesResponse;
import io.countersign.serverapi.types.EntryMask;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One conversation of SPIRE's delta protocol: few entries are sent at once; of many, the revisions are sent first and then
 * the entries that the agent asks for. An agent is sent what it takes, and heard again when it has taken all of it, so that
 * nothing piles up here. gRPC calls it from one thread at a time.
 */
final class EntrySync implements StreamObserver<SyncAuthorizedEntriesRequest> {
    private static final int PAGE = 500;

    private final Supplier<List<RegistrationEntry>> authorized;
    private final ServerCallStreamObserver<SyncAuthorizedEntriesResponse> agent;
    private Optional<Started> started = Optional.empty();
    private Iterator<SyncAuthorizedEntriesResponse> unsent = Collections.emptyIterator();
    private Then then = Then.NOTHING;
    private boolean ended;

    private record Started(EntryMask mask, Map<String, RegistrationEntry> entries) {}

    /** What comes when everything is sent. */
    private enum Then {
        NOTHING,
        NEXT_REQUEST,
        END
    }

    private EntrySync(
            Supplier<List<RegistrationEntry>> authorized,
            ServerCallStreamObserver<SyncAuthorizedEntriesResponse> agent) {
        this.authorized = authorized;
        this.agent = agent;
    }

    /** Called where gRPC begins the call. */
    static EntrySync begin(
            Supplier<List<RegistrationEntry>> authorized,
            ServerCallStreamObserver<SyncAuthorizedEntriesResponse> agent) {
        var sync = new EntrySync(authorized, agent);
        agent.disableAutoRequest();
        agent.setOnReadyHandler(sync::proceed);
        agent.request(1);
        return sync;
    }

    @Override
    public void onNext(SyncAuthorizedEntriesRequest request) {
        then = Then.NEXT_REQUEST;
        unsent = started.map(conversation -> asked(conversation, request.getIdsList()))
                .orElseGet(() -> first(request));
        proceed();
    }

    private void proceed() {
        while (unsent.hasNext() && agent.isReady()) {
            agent.onNext(unsent.next());
        }
        if (unsent.hasNext()) {
            return;
        }
        switch (then) {
            case NOTHING -> {}
            case NEXT_REQUEST -> {
                if (agent.isReady()) {
                    then = Then.NOTHING;
                    agent.request(1);
                }
            }
            case END -> {
                then = Then.NOTHING;
                ended = true;
                agent.onCompleted();
            }
        }
    }

    private Iterator<SyncAuthorizedEntriesResponse> first(SyncAuthorizedEntriesRequest request) {
        if (request.getIdsCount() > 0) {
            throw invalid("specifying IDs on initial request is not supported");
        }
        var mask = request.hasOutputMask() ? request.getOutputMask() : EntryMaskAll.MASK;
        if (!mask.getRevisionNumber()) {
            throw invalid("revision number cannot be masked");
        }
        var entries = authorized.get();
        if (entries.size() <= PAGE) {
            then = Then.END;
            return whole(entries, mask);
        }
        started = Optional.of(new Started(
                mask, entries.stream().collect(Collectors.toMap(RegistrationEntry::id, entry -> entry, (a, b) -> a))));
        return pages(entries, EntrySync::revision, (page, all) -> page.addAllEntryRevisions(all));
    }

    /** As often as it is asked for, as the original does it. */
    private static Iterator<SyncAuthorizedEntriesResponse> asked(Started conversation, List<String> ids) {
        var asked = ids.stream()
                .map(conversation.entries()::get)
                .filter(Objects::nonNull)
                .toList();
        return whole(asked, conversation.mask());
    }

    private static Iterator<SyncAuthorizedEntriesResponse> whole(List<RegistrationEntry> entries, EntryMask mask) {
        return pages(
                entries,
                entry -> Masks.shown(EntryMessages.message(entry), mask),
                (page, all) -> page.addAllEntries(all));
    }

    private static EntryRevision revision(RegistrationEntry entry) {
        return EntryRevision.newBuilder()
                .setId(entry.id())
                .setRevisionNumber(entry.revision())
                .setCreatedAt(entry.createdAt().getEpochSecond())
                .build();
    }

    /** One, if there is nothing to send; each is made when its turn comes. */
    private static <T> Iterator<SyncAuthorizedEntriesResponse> pages(
            List<RegistrationEntry> entries,
            Function<RegistrationEntry, T> form,
            BiConsumer<SyncAuthorizedEntriesResponse.Builder, List<T>> put) {
        int count = Math.max(1, Math.ceilDiv(entries.size(), PAGE));
        return IntStream.range(0, count)
                .mapToObj(number -> {
                    int to = Math.min((number + 1) * PAGE, entries.size());
                    var page = SyncAuthorizedEntriesResponse.newBuilder().setMore(to < entries.size());
                    put.accept(
                            page,
                            entries.subList(number * PAGE, to).stream()
                                    .map(form)
                                    .toList());
                    return page.build();
                })
                .iterator();
    }

    /** The agent has gone; there is nothing to undo. */
    @Override
    public void onError(Throwable failure) {
        started = Optional.empty();
        unsent = Collections.emptyIterator();
        then = Then.NOTHING;
    }

    /** What was asked for is still sent. */
    @Override
    public void onCompleted() {
        if (ended) {
            return;
        }
        if (started.isEmpty() && then == Then.NOTHING) {
            throw invalid("no request was sent, expected one with an output mask");
        }
        then = Then.END;
        proceed();
    }

    private static RuntimeException invalid(String message) {
        return Status.INVALID_ARGUMENT.withDescription(message).asRuntimeException();
    }
}
