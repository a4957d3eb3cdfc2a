// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.caller;

import io.countersign.datastore.Row;
import io.countersign.datastore.change.Change.Kind;
import io.countersign.datastore.change.ChangeFeed;
import io.countersign.datastore.change.ChangeLog;
import io.countersign.datastore.change.Update;
import io.countersign.datastore.node.AttestedNode;
import io.countersign.datastore.node.AttestedNodes;
import io.countersign.server.replica.Replica;
import io.countersign.server.replica.SortedTree;
import io.countersign.spiffe.SpiffeId;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** All nodes in memory: each call of an agent needs its own. Thread-safe. */
public final class KnownNodes implements AutoCloseable {
    private record Snapshot(long position, SortedTree<String, AttestedNode> byId)
            implements Replica.Snapshot<Snapshot> {
        @Override
        public Snapshot at(long newPosition) {
            return new Snapshot(newPosition, byId);
        }
    }

    private final Replica<Snapshot> replica;

    public KnownNodes(AttestedNodes nodes, ChangeFeed feed) {
        replica = new Replica<>(
                feed,
                Kind.NODE,
                new Snapshot(ChangeLog.NOWHERE, SortedTree.empty()),
                old -> next(old, nodes.since(old.position())));
    }

    public KnownNodes start() {
        var _ = replica.start();
        return this;
    }

    /** As up to date as {@link Replica#current}. */
    public Optional<AttestedNode> find(SpiffeId id) {
        return replica.current().byId().get(id.toString());
    }

    private static Snapshot next(Snapshot old, Update<AttestedNode> update) {
        return switch (update) {
            case Update.All<AttestedNode> all -> {
                Map<String, AttestedNode> nodes = all.rows().stream()
                        .map(Row::value)
                        .collect(Collectors.toMap(node -> node.id().toString(), node -> node));
                yield new Snapshot(all.position(), SortedTree.of(nodes));
            }
            case Update.Some<AttestedNode> some -> {
                var byId = old.byId();
                for (var item : some.items().entrySet()) {
                    byId = item.getValue().isPresent()
                            ? byId.with(item.getKey(), item.getValue().get().value())
                            : byId.without(item.getKey());
                }
                yield new Snapshot(some.position(), byId);
            }
        };
    }

    @Override
    public void close() {
        replica.close();
    }
}
