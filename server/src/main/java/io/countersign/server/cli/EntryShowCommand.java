// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.GetEntryRequest;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.countersign.serverapi.entry.ListEntriesResponse;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.Selector;
import io.grpc.Channel;
import java.util.Comparator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "show", description = "Displays configured registration entries")
final class EntryShowCommand implements Callable<Integer> {
    private static final int PAGE = 500;

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

    private ListEntriesResponse one(Channel channel) {
        var entry = ServerCall.waiting(EntryGrpc.newBlockingStub(channel))
                .getEntry(GetEntryRequest.newBuilder().setId(entryId).build());
        return ListEntriesResponse.newBuilder().addEntries(sorted(entry)).build();
    }

    private static ListEntriesResponse all(Channel channel, ListEntriesRequest.Filter filter) {
        var all = ListEntriesResponse.newBuilder();
        var token = "";
        do {
            var page = ServerCall.waiting(EntryGrpc.newBlockingStub(channel))
                    .listEntries(ListEntriesRequest.newBuilder()
                            .setFilter(filter)
                            .setPageSize(PAGE)
                            .setPageToken(token)
                            .build());
            all.addAllEntries(page.getEntriesList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        var sorted = all.getEntriesList().stream()
                .map(EntryShowCommand::sorted)
                .sorted(Comparator.comparing((Entry entry) -> EntryReport.id(entry.getSpiffeId()))
                        .thenComparing(entry -> EntryReport.id(entry.getParentId()))
                        .thenComparingInt(Entry::getX509SvidTtl)
                        .thenComparingInt(Entry::getJwtSvidTtl)
                        .thenComparingInt(Entry::getSelectorsCount)
                        .thenComparing(entry -> entry.getSelectorsList().toString())
                        .thenComparing(Entry::getId))
                .toList();
        return ListEntriesResponse.newBuilder().addAllEntries(sorted).build();
    }

    /** Servers of the original answer with selectors in no order. */
    private static Entry sorted(Entry entry) {
        var selectors = entry.getSelectorsList().stream()
                .sorted(Comparator.comparing(Selector::getType).thenComparing(Selector::getValue))
                .toList();
        return entry.toBuilder().clearSelectors().addAllSelectors(selectors).build();
    }
}
