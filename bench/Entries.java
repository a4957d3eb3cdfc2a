// SPDX-License-Identifier: Apache-2.0
import io.countersign.rpc.RpcChannels;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.BatchDeleteEntryRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.serverapi.types.Selector;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Creates and deletes entries at all servers in turn, and remembers what was confirmed. What a server did not answer because it
 * was killed is asked of the next one; it may have been done already.
 */
final class Entries {
    private static final String DOMAIN = "example.org";
    private static final int BATCH = 500;
    private static final long DEADLINE_SECONDS = 20;

    private final List<Path> servers;
    private final Map<String, Entry> confirmed = new TreeMap<>();
    private int turn;
    private int repeated;

    /** @param servers the sockets of all of them */
    Entries(List<Path> servers) {
        this.servers = servers;
    }

    String joinToken() {
        return ask(channel -> AgentGrpc.newBlockingStub(channel)
                .createJoinToken(
                        CreateJoinTokenRequest.newBuilder().setTtl(3600).build())
                .getValue());
    }

    static Entry entry(String id, String parent) {
        return Entry.newBuilder()
                .setId(id)
                .setSpiffeId(path("/bench/" + id))
                .setParentId(path(parent))
                .addSelectors(Selector.newBuilder().setType("unix").setValue("user:" + id))
                .build();
    }

    private static SPIFFEID path(String path) {
        return SPIFFEID.newBuilder().setTrustDomain(DOMAIN).setPath(path).build();
    }

    void create(List<Entry> entries) {
        for (int from = 0; from < entries.size(); from += BATCH) {
            var batch = entries.subList(from, Math.min(entries.size(), from + BATCH));
            var request = BatchCreateEntryRequest.newBuilder().addAllEntries(batch).build();
            confirm(
                    Status.Code.ALREADY_EXISTS,
                    channel -> stub(channel).batchCreateEntry(request).getResultsList().stream()
                            .map(result -> result.getStatus())
                            .toList());
            batch.forEach(entry -> confirmed.put(entry.getId(), entry));
        }
    }

    void delete(String id) {
        var request = BatchDeleteEntryRequest.newBuilder().addIds(id).build();
        confirm(
                Status.Code.NOT_FOUND,
                channel -> List.of(
                        stub(channel).batchDeleteEntry(request).getResults(0).getStatus()));
        confirmed.remove(id);
    }

    /** @param already what the second server may say if the first one had done it before it was killed */
    private void confirm(
            Status.Code already, Function<ManagedChannel, List<io.countersign.serverapi.types.Status>> question) {
        try {
            require(Set.of(Status.Code.OK), ask(question));
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                throw e;
            }
            repeated++;
            require(Set.of(Status.Code.OK, already), ask(question));
        }
    }

    private static void require(Set<Status.Code> good, List<io.countersign.serverapi.types.Status> answers) {
        for (var answer : answers) {
            var code = Status.fromCodeValue(answer.getCode()).getCode();
            if (!good.contains(code)) {
                throw new IllegalStateException("an entry was answered with " + code + ": " + answer.getMessage());
            }
        }
    }

    private <T> T ask(Function<ManagedChannel, T> question) {
        return ask(servers.get(turn++ % servers.size()), question);
    }

    private static <T> T ask(Path server, Function<ManagedChannel, T> question) {
        var channel = RpcChannels.unix(server);
        try {
            return question.apply(channel);
        } finally {
            channel.shutdownNow();
        }
    }

    private static EntryGrpc.EntryBlockingStub stub(ManagedChannel channel) {
        return EntryGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /** The ids of what was confirmed, by the path of their parent. */
    Map<String, Set<String>> byParent() {
        return confirmed.values().stream()
                .collect(Collectors.groupingBy(
                        entry -> entry.getParentId().getPath(), Collectors.mapping(Entry::getId, Collectors.toSet())));
    }

    /** What some server has and was not confirmed, or was confirmed and is not there. */
    List<String> differences() {
        var differences = new ArrayList<String>();
        for (var server : servers) {
            var wanted = new HashSet<>(words(List.copyOf(confirmed.values())));
            for (var found : words(ask(server, Entries::list))) {
                if (!wanted.remove(found)) {
                    differences.add(server + " has " + found);
                }
            }
            wanted.forEach(missing -> differences.add(server + " has not " + missing));
        }
        return differences;
    }

    private static List<Entry> list(ManagedChannel channel) {
        var all = new ArrayList<Entry>();
        var request = ListEntriesRequest.newBuilder().setPageSize(BATCH);
        do {
            var page = stub(channel).listEntries(request.build());
            all.addAll(page.getEntriesList());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return all;
    }

    private static List<String> words(List<Entry> entries) {
        return entries.stream()
                .map(entry -> entry.getId() + " " + entry.getSpiffeId().getPath() + " "
                        + entry.getParentId().getPath() + " " + entry.getSelectorsList())
                .toList();
    }

    /** How many questions a killed server has not answered. */
    int repeated() {
        return repeated;
    }
}
