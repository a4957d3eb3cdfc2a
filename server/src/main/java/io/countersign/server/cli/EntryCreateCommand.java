// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.BatchCreateEntryResponse;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.types.Entry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "create", description = "Creates registration entries")
final class EntryCreateCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Mixin
    EntryFlags flags = new EntryFlags();

    @Option(
            names = "--node",
            description = "If set, this entry will be applied to matching nodes rather than workloads")
    boolean node;

    @Override
    public Integer call() throws IOException {
        var entries = flags.entries(Optional.of(node));
        var response = call.ask(channel -> ServerCall.waiting(EntryGrpc.newBlockingStub(channel))
                .batchCreateEntry(BatchCreateEntryRequest.newBuilder()
                        .addAllEntries(entries)
                        .build()));
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(withWanted(response, entries)));
            return ServerCall.exitCode(response.getResultsList(), BatchCreateEntryResponse.Result::getStatus);
        }
        var outcomes = new ArrayList<EntryOutcome>();
        for (int i = 0; i < response.getResultsCount(); i++) {
            var result = response.getResults(i);
            outcomes.add(new EntryOutcome(result.getStatus(), entries.get(i), result.getEntry()));
        }
        EntryOutcome.print("create", outcomes, out, spec.commandLine().getErr());
        return 0;
    }

    /** What was refused is printed as it was asked for. */
    private static BatchCreateEntryResponse withWanted(BatchCreateEntryResponse response, List<Entry> wanted) {
        var all = response.toBuilder();
        for (int i = 0; i < all.getResultsCount(); i++) {
            if (all.getResults(i).getStatus().getCode() != 0) {
                all.getResultsBuilder(i).setEntry(wanted.get(i));
            }
        }
        return all.build();
    }
}
