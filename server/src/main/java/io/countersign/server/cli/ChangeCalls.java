// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.server.declared.Change;
import io.countersign.server.declared.Change.Create;
import io.countersign.server.declared.Change.Delete;
import io.countersign.server.declared.Change.Update;
import io.countersign.server.declared.Difference;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.BatchDeleteEntryRequest;
import io.countersign.serverapi.entry.BatchUpdateEntryRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.grpc.Channel;
import java.util.List;
import java.util.function.Consumer;

/** Has a server make changes, and reports what became of each. */
record ChangeCalls(Channel channel, ChangeReport report) {
    /** Keeps a message well below the 4 MiB that a server takes, whatever an entry holds. */
    private static final int AT_ONCE = 50;

    /** Deletes nothing if a server has refused anything before. */
    void make(Difference difference) {
        inBatches(difference.updates(), this::update);
        inBatches(difference.creates(), this::create);
        if (!report.hasFailures()) {
            inBatches(difference.surplus(), this::delete);
        }
    }

    private static <C extends Change> void inBatches(List<C> changes, Consumer<List<C>> call) {
        for (int from = 0; from < changes.size(); from += AT_ONCE) {
            call.accept(changes.subList(from, Math.min(from + AT_ONCE, changes.size())));
        }
    }

    private void update(List<Update> updates) {
        var results = entries()
                .batchUpdateEntry(BatchUpdateEntryRequest.newBuilder()
                        .addAllEntries(updates.stream().map(Update::wanted).toList())
                        .build())
                .getResultsList();
        for (int i = 0; i < results.size(); i++) {
            report.made(updates.get(i), results.get(i).getStatus());
        }
    }

    private void create(List<Create> creates) {
        var results = entries()
                .batchCreateEntry(BatchCreateEntryRequest.newBuilder()
                        .addAllEntries(creates.stream().map(Create::wanted).toList())
                        .build())
                .getResultsList();
        for (int i = 0; i < results.size(); i++) {
            var result = results.get(i);
            report.made(
                    result.getStatus().getCode() == 0 ? new Create(result.getEntry()) : creates.get(i),
                    result.getStatus());
        }
    }

    private void delete(List<Delete> deletes) {
        var results = entries()
                .batchDeleteEntry(BatchDeleteEntryRequest.newBuilder()
                        .addAllIds(deletes.stream()
                                .map(change -> change.present().getId())
                                .toList())
                        .build())
                .getResultsList();
        for (int i = 0; i < results.size(); i++) {
            report.made(deletes.get(i), results.get(i).getStatus());
        }
    }

    private EntryGrpc.EntryBlockingStub entries() {
        return ServerCall.waiting(EntryGrpc.newBlockingStub(channel));
    }
}
