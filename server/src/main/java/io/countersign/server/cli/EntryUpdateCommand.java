// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.entry.BatchUpdateEntryRequest;
import io.countersign.serverapi.entry.BatchUpdateEntryResponse;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.GetEntryRequest;
import io.countersign.serverapi.types.Entry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Every field is replaced: what no flag names becomes what it is at first. Only of the two attributes, if one of them is
 * named, the other one stays.
 */
@Command(name = "update", description = "Updates registration entries")
final class EntryUpdateCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Mixin
    EntryFlags flags = new EntryFlags();

    @Override
    public Integer call() throws IOException {
        if (flags.data.isEmpty() && flags.entryId.isEmpty()) {
            throw new IllegalArgumentException("entry ID is required");
        }
        var entries = flags.entries(Optional.empty());
        if (flags.data.isEmpty() && entries.getFirst().hasAdditionalAttributes()) {
            entries = List.of(withStoredAttributes(entries.getFirst()));
        }
        var wanted = entries;
        var response = call.ask(channel -> ServerCall.waiting(EntryGrpc.newBlockingStub(channel))
                .batchUpdateEntry(BatchUpdateEntryRequest.newBuilder()
                        .addAllEntries(wanted)
                        .build()));
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(withWanted(response, wanted)));
            return ServerCall.exitCode(response.getResultsList(), BatchUpdateEntryResponse.Result::getStatus);
        }
        var outcomes = new ArrayList<EntryOutcome>();
        for (int i = 0; i < response.getResultsCount(); i++) {
            var result = response.getResults(i);
            outcomes.add(new EntryOutcome(result.getStatus(), wanted.get(i), result.getEntry()));
        }
        EntryOutcome.print("update", outcomes, out, spec.commandLine().getErr());
        return 0;
    }

    private Entry withStoredAttributes(Entry wanted) {
        var stored = call.ask(
                "failed to fetch existing entry to merge additional attributes",
                channel -> ServerCall.waiting(EntryGrpc.newBlockingStub(channel))
                        .getEntry(GetEntryRequest.newBuilder()
                                .setId(wanted.getId())
                                .build()));
        var merged = wanted.toBuilder();
        merged.getAdditionalAttributesBuilder()
                .mergeFrom(stored.getAdditionalAttributes())
                .mergeFrom(wanted.getAdditionalAttributes());
        return merged.build();
    }

    /** What was refused is printed as it was asked for. */
    private static BatchUpdateEntryResponse withWanted(BatchUpdateEntryResponse response, List<Entry> wanted) {
        var all = response.toBuilder();
        for (int i = 0; i < all.getResultsCount(); i++) {
            if (all.getResults(i).getStatus().getCode() != 0) {
                all.getResultsBuilder(i).setEntry(wanted.get(i));
            }
        }
        return all.build();
    }
}
