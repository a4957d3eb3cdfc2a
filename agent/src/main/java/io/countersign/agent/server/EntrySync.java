// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.server;

import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.EntryRevision;
import io.countersign.serverapi.entry.SyncAuthorizedEntriesRequest;
import io.countersign.serverapi.entry.SyncAuthorizedEntriesResponse;
import io.countersign.serverapi.types.EntryMask;
import io.grpc.Channel;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One conversation of SPIRE's delta protocol: few entries come at once; of many, first the revisions come, and then those
 * entries that we ask for because we do not have them as they are now.
 */
final class EntrySync {
    static final EntryMask WANTED = EntryMask.newBuilder()
            .setSpiffeId(true)
            .setSelectors(true)
            .setFederatesWith(true)
            .setAdmin(true)
            .setDownstream(true)
            .setRevisionNumber(true)
            .setStoreSvid(true)
            .setHint(true)
            .setCreatedAt(true)
            .setAdditionalAttributes(true)
            .build();

    private final Channel channel;
    private final Map<String, RegistrationEntry> known;
    private final ReadEntries now = new ReadEntries();

    EntrySync(Channel channel, Map<String, RegistrationEntry> known) {
        this.channel = channel;
        this.known = known;
    }

    ReadEntries run() {
        try {
            var call = Server.waiting(EntryGrpc.newBlockingV2Stub(channel)).syncAuthorizedEntries();
            call.write(SyncAuthorizedEntriesRequest.newBuilder()
                    .setOutputMask(WANTED)
                    .build());
            var first = next(call);
            if (first.getEntryRevisionsCount() == 0) {
                pages(call, first, page -> page.getEntriesList().forEach(now::read));
            } else {
                var revisions = new ArrayList<EntryRevision>();
                pages(call, first, page -> revisions.addAll(page.getEntryRevisionsList()));
                fetch(call, stale(revisions), first.getEntryRevisionsCount());
            }
            call.halfClose();
            return now;
        } catch (StatusException e) {
            throw Server.unchecked(e);
        } catch (InterruptedException e) {
            throw Server.interrupted(e);
        }
    }

    private List<String> stale(List<EntryRevision> revisions) {
        var stale = new ArrayList<String>();
        for (var revision : revisions) {
            var entry = known.get(revision.getId());
            if (entry != null
                    && entry.revision() == revision.getRevisionNumber()
                    && entry.createdAt().getEpochSecond() == revision.getCreatedAt()) {
                now.add(entry);
            } else {
                stale.add(revision.getId());
            }
        }
        return stale;
    }

    private void fetch(
            BlockingClientCall<SyncAuthorizedEntriesRequest, SyncAuthorizedEntriesResponse> call,
            List<String> ids,
            int pageSize)
            throws StatusException, InterruptedException {
        for (int from = 0; from < ids.size(); from += pageSize) {
            var page = ids.subList(from, Math.min(ids.size(), from + pageSize));
            call.write(SyncAuthorizedEntriesRequest.newBuilder().addAllIds(page).build());
            pages(call, next(call), answer -> answer.getEntriesList().forEach(now::read));
        }
    }

    private static void pages(
            BlockingClientCall<SyncAuthorizedEntriesRequest, SyncAuthorizedEntriesResponse> call,
            SyncAuthorizedEntriesResponse first,
            Consumer<SyncAuthorizedEntriesResponse> take)
            throws StatusException, InterruptedException {
        var page = first;
        take.accept(page);
        while (page.getMore()) {
            page = next(call);
            take.accept(page);
        }
    }

    private static SyncAuthorizedEntriesResponse next(
            BlockingClientCall<SyncAuthorizedEntriesRequest, SyncAuthorizedEntriesResponse> call)
            throws StatusException, InterruptedException {
        var answer = call.read();
        if (answer == null) {
            throw new IllegalArgumentException("the stream of entries ended early");
        }
        return answer;
    }
}
