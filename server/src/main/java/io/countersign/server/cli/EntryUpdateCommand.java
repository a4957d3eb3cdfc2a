// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.entry.BatchUpdateEntryRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import java.io.IOException;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Every field is replaced: what no flag names becomes what it is at first. */
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
        var entries = flags.entries(false);
        var response = call.ask(channel -> ServerCall.waiting(EntryGrpc.newBlockingStub(channel))
                .batchUpdateEntry(BatchUpdateEntryRequest.newBuilder()
                        .addAllEntries(entries)
                        .build()));
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(response));
            return 0;
        }
        var outcomes = new ArrayList<EntryOutcome>();
        for (int i = 0; i < response.getResultsCount(); i++) {
            var result = response.getResults(i);
            outcomes.add(new EntryOutcome(result.getStatus(), entries.get(i), result.getEntry()));
        }
        EntryOutcome.print("update", outcomes, out, spec.commandLine().getErr());
        return 0;
    }
}
