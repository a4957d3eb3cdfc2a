// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.GetEntryRequest;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.countersign.serverapi.entry.ListEntriesResponse;
import io.grpc.Channel;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "show", description = "Displays configured registration entries")
final class EntryShowCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Option(names = "--entryID", description = "The Entry ID of the record to show")
    String entryId = "";

    @Mixin
    EntryQuery query = new EntryQuery();

    @Override
    public Integer call() {
        var filter = query.filter();
        if (!entryId.isEmpty() && !filter.equals(ListEntriesRequest.Filter.getDefaultInstance())) {
            throw new IllegalArgumentException("the -entryID flag can't be combined with others");
        }
        var found = call.ask(
                entryId.isEmpty() ? "error fetching entries" : "error fetching entry ID " + entryId,
                channel -> entryId.isEmpty() ? all(channel, filter) : one(channel));
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(found));
            return 0;
        }
        int count = found.getEntriesCount();
        out.println("Found " + count + " " + EntryReport.noun(count));
        found.getEntriesList().forEach(entry -> EntryReport.print(out, entry));
        out.flush();
        return 0;
    }

    private static ListEntriesResponse all(Channel channel, ListEntriesRequest.Filter filter) {
        return ListEntriesResponse.newBuilder()
                .addAllEntries(EntryPages.all(channel, filter))
                .build();
    }

    private ListEntriesResponse one(Channel channel) {
        var entry = ServerCall.waiting(EntryGrpc.newBlockingStub(channel))
                .getEntry(GetEntryRequest.newBuilder().setId(entryId).build());
        return ListEntriesResponse.newBuilder()
                .addEntries(EntryPages.sorted(entry))
                .build();
    }
}
