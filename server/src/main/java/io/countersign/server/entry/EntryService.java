// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import io.countersign.datastore.entry.Created;
import io.countersign.datastore.entry.Entries;
import io.countersign.datastore.entry.Entries.Replacement;
import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.datastore.entry.Replaced;
import io.countersign.server.caller.Caller;
import io.countersign.server.wire.Masks;
import io.countersign.server.wire.Pages;
import io.countersign.server.wire.Results;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.BatchCreateEntryResponse;
import io.countersign.serverapi.entry.BatchDeleteEntryRequest;
import io.countersign.serverapi.entry.BatchDeleteEntryResponse;
import io.countersign.serverapi.entry.BatchUpdateEntryRequest;
import io.countersign.serverapi.entry.BatchUpdateEntryResponse;
import io.countersign.serverapi.entry.CountEntriesRequest;
import io.countersign.serverapi.entry.CountEntriesResponse;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.GetAuthorizedEntriesRequest;
import io.countersign.serverapi.entry.GetAuthorizedEntriesResponse;
import io.countersign.serverapi.entry.GetEntryRequest;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.countersign.serverapi.entry.ListEntriesResponse;
import io.countersign.serverapi.entry.SyncAuthorizedEntriesRequest;
import io.countersign.serverapi.entry.SyncAuthorizedEntriesResponse;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.EntryMask;
import io.countersign.serverapi.types.Status;
import io.countersign.spiffe.TrustDomain;
import io.grpc.Status.Code;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.InstantSource;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;

/** SPIRE's Entry service. */
public final class EntryService extends EntryGrpc.EntryImplBase {
    private final TrustDomain trustDomain;
    private final Entries entries;
    private final EntryCatalog catalog;
    private final AuthorizedEntries authorized;
    private final InstantSource clock;

    public EntryService(
            TrustDomain trustDomain,
            Entries entries,
            EntryCatalog catalog,
            AuthorizedEntries authorized,
            InstantSource clock) {
        this.trustDomain = trustDomain;
        this.entries = entries;
        this.catalog = catalog;
        this.authorized = authorized;
        this.clock = clock;
    }

    @Override
    public void countEntries(CountEntriesRequest request, StreamObserver<CountEntriesResponse> response) {
        var filter = EntryFilter.of(EntryFilter.of(request.getFilter()), trustDomain);
        var page = Pages.of(filter.rows(catalog.current()), filter::matches, 0, "");
        response.onNext(
                CountEntriesResponse.newBuilder().setCount(page.items().size()).build());
        response.onCompleted();
    }

    @Override
    public void listEntries(ListEntriesRequest request, StreamObserver<ListEntriesResponse> response) {
        var filter = EntryFilter.of(request.getFilter(), trustDomain);
        var page = Pages.of(
                filter.rows(catalog.current()), filter::matches, request.getPageSize(), request.getPageToken());
        var mask = mask(request.hasOutputMask(), request.getOutputMask());
        var list = ListEntriesResponse.newBuilder().setNextPageToken(page.nextToken());
        page.items().forEach(entry -> list.addEntries(shown(entry, mask)));
        response.onNext(list.build());
        response.onCompleted();
    }

    @Override
    public void getEntry(GetEntryRequest request, StreamObserver<Entry> response) {
        if (request.getId().isEmpty()) {
            throw io.grpc.Status.INVALID_ARGUMENT.withDescription("missing ID").asRuntimeException();
        }
        var entry = entries.find(request.getId())
                .orElseThrow(() -> io.grpc.Status.NOT_FOUND
                        .withDescription("entry not found")
                        .asRuntimeException());
        response.onNext(shown(entry, mask(request.hasOutputMask(), request.getOutputMask())));
        response.onCompleted();
    }

    @Override
    public void batchCreateEntry(BatchCreateEntryRequest request, StreamObserver<BatchCreateEntryResponse> response) {
        var mask = mask(request.hasOutputMask(), request.getOutputMask());
        var results = BatchCreateEntryResponse.newBuilder();
        results.addAllResults(create(request.getEntriesList(), mask));
        response.onNext(results.build());
        response.onCompleted();
    }

    /** All that are well formed in one transaction; the answers are in the order of the questions. */
    private List<BatchCreateEntryResponse.Result> create(List<Entry> given, EntryMask mask) {
        var answers = new TreeMap<Integer, BatchCreateEntryResponse.Result>();
        var wanted = new TreeMap<Integer, RegistrationEntry>();
        for (int i = 0; i < given.size(); i++) {
            try {
                wanted.put(
                        i,
                        EntryMessages.entry(
                                given.get(i), trustDomain, UUID.randomUUID().toString(), clock.instant()));
            } catch (IllegalArgumentException e) {
                answers.put(i, refused(Code.INVALID_ARGUMENT, "failed to convert entry: " + e.getMessage()));
            }
        }
        var outcomes = entries.createAll(List.copyOf(wanted.values())).iterator();
        wanted.keySet().forEach(i -> answers.put(i, answer(outcomes.next(), mask)));
        return List.copyOf(answers.values());
    }

    private static BatchCreateEntryResponse.Result answer(Created outcome, EntryMask mask) {
        return switch (outcome) {
            case Created.Fresh(var entry) -> created(Results.OK, entry, mask);
            case Created.Similar(var entry) ->
                created(Results.of(Code.ALREADY_EXISTS, "similar entry already exists"), entry, mask);
            case Created.Taken(var entry) ->
                refused(
                        Code.ALREADY_EXISTS,
                        "failed to create entry: \"" + entry.id() + "\" is the id of another entry, for \""
                                + entry.spiffeId() + "\"; use another one");
            case Created.UnknownBundle(var domain) ->
                refused(Code.INVALID_ARGUMENT, "failed to create entry: " + unknown(domain));
        };
    }

    private static String unknown(TrustDomain domain) {
        return "unable to find federated bundle \"" + domain.idString() + "\"";
    }

    private static BatchCreateEntryResponse.Result created(Status status, RegistrationEntry entry, EntryMask mask) {
        return BatchCreateEntryResponse.Result.newBuilder()
                .setStatus(status)
                .setEntry(shown(entry, mask))
                .build();
    }

    private static BatchCreateEntryResponse.Result refused(Code code, String message) {
        return BatchCreateEntryResponse.Result.newBuilder()
                .setStatus(Results.of(code, message))
                .build();
    }

    @Override
    public void batchUpdateEntry(BatchUpdateEntryRequest request, StreamObserver<BatchUpdateEntryResponse> response) {
        var input = mask(request.hasInputMask(), request.getInputMask());
        var output = mask(request.hasOutputMask(), request.getOutputMask());
        var results = BatchUpdateEntryResponse.newBuilder();
        var replacements = request.getEntriesList().stream()
                .map(entry -> replacement(entry, input))
                .toList();
        entries.replaceAll(replacements).forEach(outcome -> results.addResults(answer(outcome, output)));
        response.onNext(results.build());
        response.onCompleted();
    }

    private Replacement replacement(Entry given, EntryMask input) {
        return new Replacement(given.getId(), old -> {
            var base = old.map(EntryMessages::message).orElseGet(() -> EntryMessages.plausible(trustDomain));
            return EntryMessages.entry(
                    Masks.merged(base, given, input),
                    trustDomain,
                    given.getId().isEmpty() ? "none" : given.getId(),
                    old.map(RegistrationEntry::createdAt).orElseGet(clock::instant));
        });
    }

    private static BatchUpdateEntryResponse.Result answer(Replaced outcome, EntryMask mask) {
        return switch (outcome) {
            case Replaced.Done(var entry) ->
                BatchUpdateEntryResponse.Result.newBuilder()
                        .setStatus(Results.OK)
                        .setEntry(shown(entry, mask))
                        .build();
            case Replaced.Refused(var reason) -> failed(Code.INVALID_ARGUMENT, "failed to convert entry: " + reason);
            case Replaced.Missing() -> failed(Code.NOT_FOUND, "failed to update entry");
            case Replaced.Similar(var other) ->
                failed(
                        Code.ALREADY_EXISTS,
                        "failed to update entry: entry \"" + other.id() + "\" says the same already");
            case Replaced.UnknownBundle(var domain) ->
                failed(Code.INVALID_ARGUMENT, "failed to update entry: " + unknown(domain));
        };
    }

    private static BatchUpdateEntryResponse.Result failed(Code code, String message) {
        return BatchUpdateEntryResponse.Result.newBuilder()
                .setStatus(Results.of(code, message))
                .build();
    }

    @Override
    public void batchDeleteEntry(BatchDeleteEntryRequest request, StreamObserver<BatchDeleteEntryResponse> response) {
        var results = BatchDeleteEntryResponse.newBuilder();
        var ids = request.getIdsList();
        // no entry has the empty id, so asking for it takes nothing away
        var gone = entries.deleteAll(ids);
        for (int i = 0; i < ids.size(); i++) {
            var status = ids.get(i).isEmpty()
                    ? Results.of(Code.INVALID_ARGUMENT, "missing entry ID")
                    : gone.get(i) ? Results.OK : Results.of(Code.NOT_FOUND, "entry not found");
            results.addResultsBuilder().setStatus(status).setId(ids.get(i));
        }
        response.onNext(results.build());
        response.onCompleted();
    }

    @Override
    public void getAuthorizedEntries(
            GetAuthorizedEntriesRequest request, StreamObserver<GetAuthorizedEntriesResponse> response) {
        var mask = mask(request.hasOutputMask(), request.getOutputMask());
        var list = GetAuthorizedEntriesResponse.newBuilder();
        authorized.of(Caller.agent()).forEach(entry -> list.addEntries(shown(entry, mask)));
        response.onNext(list.build());
        response.onCompleted();
    }

    @Override
    public StreamObserver<SyncAuthorizedEntriesRequest> syncAuthorizedEntries(
            StreamObserver<SyncAuthorizedEntriesResponse> response) {
        var agent = Caller.agent();
        return EntrySync.begin(
                () -> authorized.of(agent), (ServerCallStreamObserver<SyncAuthorizedEntriesResponse>) response);
    }

    private static EntryMask mask(boolean given, EntryMask mask) {
        return given ? mask : EntryMaskAll.MASK;
    }

    private static Entry shown(RegistrationEntry entry, EntryMask mask) {
        var message = EntryMessages.message(entry);
        return mask.equals(EntryMaskAll.MASK) ? message : Masks.shown(message, mask);
    }
}
