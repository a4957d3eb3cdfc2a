// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.Selector;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** All entries that fit, in the order in which the original prints them. */
final class EntryPages {
    private static final int PAGE = 500;

    private EntryPages() {}

    static List<Entry> all(Channel channel, ListEntriesRequest.Filter filter) {
        var all = new ArrayList<Entry>();
        var token = "";
        do {
            var page = ServerCall.waiting(EntryGrpc.newBlockingStub(channel))
                    .listEntries(ListEntriesRequest.newBuilder()
                            .setFilter(filter)
                            .setPageSize(PAGE)
                            .setPageToken(token)
                            .build());
            all.addAll(page.getEntriesList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return all.stream()
                .map(EntryPages::sorted)
                .sorted(Comparator.comparing((Entry entry) -> EntryReport.id(entry.getSpiffeId()))
                        .thenComparing(entry -> EntryReport.id(entry.getParentId()))
                        .thenComparingInt(Entry::getX509SvidTtl)
                        .thenComparingInt(Entry::getJwtSvidTtl)
                        .thenComparingInt(Entry::getSelectorsCount)
                        .thenComparing(entry -> entry.getSelectorsList().toString())
                        .thenComparing(Entry::getId))
                .toList();
    }

    /** Servers of the original answer with selectors in no order. */
    static Entry sorted(Entry entry) {
        var selectors = entry.getSelectorsList().stream()
                .sorted(Comparator.comparing(Selector::getType).thenComparing(Selector::getValue))
                .toList();
        return entry.toBuilder().clearSelectors().addAllSelectors(selectors).build();
    }
}
