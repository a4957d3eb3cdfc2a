// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.server.wire.Masks;
import io.countersign.serverapi.entry.EntryRevision;
import io.countersign.serverapi.entry.SyncAuthorizedEntriesRequest;
import io.countersign.serverapi.entry.SyncAuthorizedEntriesResponse;
import io.countersign.serverapi.types.EntryMask;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * One conversation of SPIRE's delta protocol: few entries are sent at once; of many, the revisions are sent first and then
 * the entries that the agent asks for. gRPC calls it from one thread at a time.
 */
final class EntrySync implements StreamObserver<SyncAuthorizedEntriesRequest> {
    private static final int PAGE = 500;

    private final Supplier<List<RegistrationEntry>> authorized;
    private final StreamObserver<SyncAuthorizedEntriesResponse> agent;
    private Optional<Started> started = Optional.empty();
    private boolean ended;

    private record Started(EntryMask mask, Map<String, RegistrationEntry> entries) {}

    EntrySync(Supplier<List<RegistrationEntry>> authorized, StreamObserver<SyncAuthorizedEntriesResponse> agent) {
        this.authorized = authorized;
        this.agent = agent;
    }

    @Override
    public void onNext(SyncAuthorizedEntriesRequest request) {
        if (ended) {
            return;
        }
        if (started.isPresent()) {
            sendAsked(started.get(), request.getIdsList());
        } else {
            start(request);
        }
    }

    private void start(SyncAuthorizedEntriesRequest request) {
        if (request.getIdsCount() > 0) {
            throw invalid("specifying IDs on initial request is not supported");
        }
        var mask = request.hasOutputMask() ? request.getOutputMask() : EntryMaskAll.MASK;
        if (!mask.getRevisionNumber()) {
            throw invalid("revision number cannot be masked");
        }
        var entries = authorized.get();
        if (entries.size() <= PAGE) {
            send(
                    entries,
                    entry -> Masks.shown(EntryMessages.message(entry), mask),
                    (page, all) -> page.addAllEntries(all));
            agent.onCompleted();
            ended = true;
            return;
        }
        started = Optional.of(new Started(
                mask, entries.stream().collect(Collectors.toMap(RegistrationEntry::id, entry -> entry, (a, b) -> a))));
        send(entries, EntrySync::revision, (page, all) -> page.addAllEntryRevisions(all));
    }

    private void sendAsked(Started conversation, List<String> ids) {
        var asked = ids.stream()
                .map(conversation.entries()::get)
                .filter(Objects::nonNull)
                .toList();
        send(
                asked,
                entry -> Masks.shown(EntryMessages.message(entry), conversation.mask()),
                (page, all) -> page.addAllEntries(all));
    }

    private static EntryRevision revision(RegistrationEntry entry) {
        return EntryRevision.newBuilder()
                .setId(entry.id())
                .setRevisionNumber(entry.revision())
                .setCreatedAt(entry.createdAt().getEpochSecond())
                .build();
    }

    /** In pages; one, if there is nothing to send. */
    private <T> void send(
            List<RegistrationEntry> entries,
            Function<RegistrationEntry, T> form,
            BiConsumer<SyncAuthorizedEntriesResponse.Builder, List<T>> put) {
        int from = 0;
        do {
            int to = Math.min(from + PAGE, entries.size());
            var page = SyncAuthorizedEntriesResponse.newBuilder().setMore(to < entries.size());
            put.accept(page, entries.subList(from, to).stream().map(form).toList());
            agent.onNext(page.build());
            from = to;
        } while (from < entries.size());
    }

    /** The agent has gone; there is nothing to undo. */
    @Override
    public void onError(Throwable failure) {
        started = Optional.empty();
    }

    @Override
    public void onCompleted() {
        if (started.isPresent()) {
            agent.onCompleted();
        } else if (!ended) {
            throw invalid("no request was sent, expected one with an output mask");
        }
    }

    private static RuntimeException invalid(String message) {
        return Status.INVALID_ARGUMENT.withDescription(message).asRuntimeException();
    }
}
