// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.rpc.RpcChannels;
import io.countersign.serverapi.entry.BatchUpdateEntryRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.EntryMask;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Has workloads get a new certificate, by a change of their entries. */
final class ForcedRenewals implements AutoCloseable {
    private static final long DEADLINE_SECONDS = 30;
    private static final int LIFE_SECONDS = 60;

    private final ManagedChannel channel;
    private final List<Entry> entries;
    private int made;

    /** @param below how the paths of their SPIFFE IDs begin; their entries have been made */
    ForcedRenewals(Path serverSocket, String below) {
        channel = RpcChannels.unix(serverSocket);
        entries = server().listEntries(ListEntriesRequest.getDefaultInstance()).getEntriesList().stream()
                .filter(entry -> entry.getSpiffeId().getPath().startsWith(below))
                .toList();
    }

    private EntryGrpc.EntryBlockingStub server() {
        return EntryGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Certificates are to live a second longer now, or a second shorter: the agent is told and has all of them made anew.
     *
     * @return how long they are to live, before they are dated back
     */
    Duration next() {
        made++;
        var life = Duration.ofSeconds(LIFE_SECONDS + made % 2);
        var request = BatchUpdateEntryRequest.newBuilder()
                .setInputMask(EntryMask.newBuilder().setX509SvidTtl(true));
        entries.forEach(entry ->
                request.addEntries(Entry.newBuilder().setId(entry.getId()).setX509SvidTtl((int) life.toSeconds())));
        server().batchUpdateEntry(request.build())
                .getResultsList()
                .forEach(result ->
                        assertEquals(Status.Code.OK.value(), result.getStatus().getCode(), result::toString));
        return life;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
