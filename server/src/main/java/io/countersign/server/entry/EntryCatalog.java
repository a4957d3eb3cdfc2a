// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import io.countersign.datastore.Row;
import io.countersign.datastore.Selector;
import io.countersign.datastore.entry.Entries;
import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** All entries in memory, read again after a change. Whoever writes entries says so. Thread-safe. */
public final class EntryCatalog {
    private final SpiffeId server;
    private final Entries entries;
    private final AtomicLong version = new AtomicLong();
    private volatile Snapshot snapshot;

    public EntryCatalog(TrustDomain trustDomain, Entries entries) {
        this.server = SpiffeId.of(trustDomain, "/spire/server");
        this.entries = entries;
        this.snapshot = read(version.get());
    }

    /** To be called after a change has been committed. */
    public void changed() {
        version.incrementAndGet();
    }

    /** Everything committed before the call. */
    public Snapshot current() {
        var latest = snapshot;
        if (latest.version() != version.get()) {
            latest = refresh();
        }
        return latest;
    }

    private synchronized Snapshot refresh() {
        long wanted = version.get();
        if (snapshot.version() < wanted) {
            snapshot = read(wanted);
        }
        return snapshot;
    }

    private Snapshot read(long as) {
        var rows = entries.list();
        var values = rows.stream().map(Row::value).toList();
        return new Snapshot(
                as,
                rows,
                values.stream().collect(Collectors.groupingBy(RegistrationEntry::spiffeId)),
                values.stream().collect(Collectors.groupingBy(RegistrationEntry::parentId)),
                server);
    }

    /** The entries at one moment. */
    public record Snapshot(
            long version,
            List<Row<RegistrationEntry>> rows,
            Map<SpiffeId, List<RegistrationEntry>> byId,
            Map<SpiffeId, List<RegistrationEntry>> byParent,
            SpiffeId server) {
        public List<RegistrationEntry> of(SpiffeId id) {
            return byId.getOrDefault(id, List.of());
        }

        /**
         * What an agent may serve: everything below itself, and below each alias. An alias is an entry of the server whose
         * selectors the node has.
         */
        public List<RegistrationEntry> authorizedFor(SpiffeId agent, Set<Selector> node) {
            var parents = new ArrayDeque<SpiffeId>();
            parents.add(agent);
            below(server).stream()
                    .filter(entry -> node.containsAll(entry.selectors()))
                    .forEach(alias -> parents.add(alias.spiffeId()));
            var visited = new HashSet<SpiffeId>();
            var found = new ArrayList<RegistrationEntry>();
            while (!parents.isEmpty()) {
                var parent = parents.remove();
                if (visited.add(parent)) {
                    for (var entry : below(parent)) {
                        found.add(entry);
                        parents.add(entry.spiffeId());
                    }
                }
            }
            return found;
        }

        private List<RegistrationEntry> below(SpiffeId parent) {
            return byParent.getOrDefault(parent, List.of());
        }
    }
}
