// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.BatchDeleteEntryRequest;
import io.countersign.serverapi.entry.BatchUpdateEntryRequest;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.EntryMask;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.serverapi.types.Selector;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Creates, changes and deletes entries at the one server or the other, and remembers what was confirmed. What a server did not
 * answer because it was killed is asked of the other one; it may have been done already.
 */
final class EntryChanges implements AutoCloseable {
    private static final int KEPT = 10;
    private static final long PAUSE_MILLIS = 200;
    private static final Set<Status.Code> DONE = EnumSet.of(Status.Code.OK);

    private final List<Replica> servers;
    private final List<String> nodes;
    private final String selector;
    private final Map<String, Entry> confirmed = new TreeMap<>();
    private final Deque<Entry> passing = new ArrayDeque<>();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private int made;
    private int turn;
    private int repeated;

    /**
     * @param nodes the paths of those below which the entries are
     * @param selector of every workload, without its type {@code unix}
     */
    EntryChanges(List<Replica> servers, List<String> nodes, String selector) {
        this.servers = servers;
        this.nodes = nodes;
        this.selector = selector;
    }

    /** Entries that stay as they are. */
    void createLasting(int node, int count) {
        var request = BatchCreateEntryRequest.newBuilder();
        for (int i = 0; i < count; i++) {
            request.addEntries(entry("lasting-" + node + "-" + i, nodes.get(node)));
        }
        var results = server(turn++)
                .ask(channel -> Replica.entries(channel).batchCreateEntry(request.build()))
                .getResultsList();
        results.forEach(result -> require(DONE, result.getStatus()));
        request.getEntriesList().forEach(entry -> confirmed.put(entry.getId(), entry));
    }

    void start() {
        var _ = clock.scheduleWithFixedDelay(this::remembering, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void remembering() {
        try {
            change();
        } catch (RuntimeException | AssertionError e) {
            failures.add(e.toString());
        }
    }

    private void change() {
        var entry = entry("passing-" + made, nodes.get(made % nodes.size()));
        made++;
        create(entry);
        var changed = entry.toBuilder()
                .setSpiffeId(id(entry.getSpiffeId().getPath() + "/changed"))
                .build();
        update(changed);
        passing.add(changed);
        if (passing.size() > KEPT) {
            delete(passing.remove());
        }
    }

    private Entry entry(String name, String node) {
        return Entry.newBuilder()
                .setId(name)
                .setSpiffeId(id("/" + name))
                .setParentId(id(node))
                .addSelectors(Selector.newBuilder().setType("unix").setValue(selector))
                .build();
    }

    private static SPIFFEID id(String path) {
        return SPIFFEID.newBuilder()
                .setTrustDomain(Replica.TRUST_DOMAIN)
                .setPath(path)
                .build();
    }

    private void create(Entry entry) {
        confirm(
                Status.Code.ALREADY_EXISTS,
                channel -> Replica.entries(channel)
                        .batchCreateEntry(BatchCreateEntryRequest.newBuilder()
                                .addEntries(entry)
                                .build())
                        .getResults(0)
                        .getStatus());
        confirmed.put(entry.getId(), entry);
    }

    private void update(Entry entry) {
        confirm(
                Status.Code.OK,
                channel -> Replica.entries(channel)
                        .batchUpdateEntry(BatchUpdateEntryRequest.newBuilder()
                                .addEntries(entry)
                                .setInputMask(EntryMask.newBuilder().setSpiffeId(true))
                                .build())
                        .getResults(0)
                        .getStatus());
        confirmed.put(entry.getId(), entry);
    }

    private void delete(Entry entry) {
        confirm(
                Status.Code.NOT_FOUND,
                channel -> Replica.entries(channel)
                        .batchDeleteEntry(BatchDeleteEntryRequest.newBuilder()
                                .addIds(entry.getId())
                                .build())
                        .getResults(0)
                        .getStatus());
        confirmed.remove(entry.getId());
    }

    /** @param already what the second server may say if the first one had done it before it was killed */
    private void confirm(
            Status.Code already, Function<ManagedChannel, io.countersign.serverapi.types.Status> question) {
        int first = turn++;
        try {
            require(DONE, server(first).ask(question));
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                throw e;
            }
            repeated++;
            require(EnumSet.of(Status.Code.OK, already), server(first + 1).ask(question));
        }
    }

    private Replica server(int number) {
        return servers.get(number % servers.size());
    }

    private static void require(Set<Status.Code> good, io.countersign.serverapi.types.Status status) {
        var code = Status.fromCodeValue(status.getCode()).getCode();
        if (!good.contains(code)) {
            throw new AssertionError(code + ": " + status.getMessage());
        }
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    /** How many entries were created, changed and, but for the last, deleted meanwhile. */
    int made() {
        return made;
    }

    /** How many questions a killed server has not answered. */
    int repeated() {
        return repeated;
    }

    /** What was confirmed, in the words of {@link #words(Entry)}, sorted. */
    List<String> confirmed() {
        return confirmed.values().stream().map(EntryChanges::words).sorted().toList();
    }

    /** What the node is to give its workloads. */
    Set<String> paths(int node) {
        var paths = new TreeSet<String>();
        for (var entry : confirmed.values()) {
            if (entry.getParentId().getPath().equals(nodes.get(node))) {
                paths.add(entry.getSpiffeId().getPath());
            }
        }
        return paths;
    }

    /** What this test has decided of an entry. */
    static String words(Entry entry) {
        var words = new ArrayList<String>();
        words.add(entry.getId());
        words.add(entry.getSpiffeId().getPath());
        words.add(entry.getParentId().getPath());
        entry.getSelectorsList().forEach(one -> words.add(one.getType() + ":" + one.getValue()));
        return String.join(" ", words);
    }

    /** Ends what is under way and changes nothing more; what was confirmed can be asked for then. */
    @Override
    public void close() throws InterruptedException {
        clock.shutdown();
        if (!clock.awaitTermination(1, TimeUnit.MINUTES)) {
            throw new AssertionError("a change of entries does not end");
        }
    }
}
