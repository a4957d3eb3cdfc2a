// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import io.countersign.datastore.Row;
import io.countersign.datastore.Selector;
import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.server.replica.Replica;
import io.countersign.server.replica.SortedTree;
import io.countersign.spiffe.SpiffeId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The entries at one moment.
 *
 * @param rows by their numbers, and so in the order in which they were made
 * @param byEntryId by what the feed calls them
 * @param bySpiffeId the rows that give an ID
 * @param byParent the rows below an ID
 */
public record EntrySnapshot(
        SpiffeId server,
        long position,
        SortedTree<Long, Row<RegistrationEntry>> rows,
        SortedTree<String, Row<RegistrationEntry>> byEntryId,
        SortedTree<SpiffeId, SortedTree<Long, Row<RegistrationEntry>>> bySpiffeId,
        SortedTree<SpiffeId, SortedTree<Long, Row<RegistrationEntry>>> byParent)
        implements Replica.Snapshot<EntrySnapshot> {
    static EntrySnapshot empty(SpiffeId server, long position) {
        return new EntrySnapshot(
                server, position, SortedTree.empty(), SortedTree.empty(), SortedTree.empty(), SortedTree.empty());
    }

    /** @param rows in order */
    static EntrySnapshot of(SpiffeId server, List<Row<RegistrationEntry>> rows, long position) {
        Map<String, Row<RegistrationEntry>> byEntryId =
                rows.stream().collect(Collectors.toMap(row -> row.value().id(), row -> row));
        return new EntrySnapshot(
                server,
                position,
                numbered(rows),
                SortedTree.of(byEntryId),
                grouped(rows, RegistrationEntry::spiffeId),
                grouped(rows, RegistrationEntry::parentId));
    }

    private static SortedTree<Long, Row<RegistrationEntry>> numbered(List<Row<RegistrationEntry>> rows) {
        Map<Long, Row<RegistrationEntry>> byNumber = rows.stream().collect(Collectors.toMap(Row::number, row -> row));
        return SortedTree.of(byNumber);
    }

    private static SortedTree<SpiffeId, SortedTree<Long, Row<RegistrationEntry>>> grouped(
            List<Row<RegistrationEntry>> rows, Function<RegistrationEntry, SpiffeId> key) {
        Map<SpiffeId, SortedTree<Long, Row<RegistrationEntry>>> groups = rows.stream()
                .collect(Collectors.groupingBy(
                        row -> key.apply(row.value()),
                        Collectors.collectingAndThen(Collectors.toList(), EntrySnapshot::numbered)));
        return SortedTree.of(groups);
    }

    @Override
    public EntrySnapshot at(long newPosition) {
        return new EntrySnapshot(server, newPosition, rows, byEntryId, bySpiffeId, byParent);
    }

    EntrySnapshot with(Row<RegistrationEntry> row) {
        var entry = row.value();
        return new EntrySnapshot(
                server,
                position,
                rows.with(row.number(), row),
                byEntryId.with(entry.id(), row),
                added(bySpiffeId, entry.spiffeId(), row),
                added(byParent, entry.parentId(), row));
    }

    private static SortedTree<SpiffeId, SortedTree<Long, Row<RegistrationEntry>>> added(
            SortedTree<SpiffeId, SortedTree<Long, Row<RegistrationEntry>>> to,
            SpiffeId id,
            Row<RegistrationEntry> row) {
        return to.with(id, to.get(id).orElseGet(SortedTree::empty).with(row.number(), row));
    }

    EntrySnapshot without(String entryId) {
        var found = byEntryId.get(entryId);
        if (found.isEmpty()) {
            return this;
        }
        var row = found.get();
        return new EntrySnapshot(
                server,
                position,
                rows.without(row.number()),
                byEntryId.without(entryId),
                taken(bySpiffeId, row.value().spiffeId(), row.number()),
                taken(byParent, row.value().parentId(), row.number()));
    }

    private static SortedTree<SpiffeId, SortedTree<Long, Row<RegistrationEntry>>> taken(
            SortedTree<SpiffeId, SortedTree<Long, Row<RegistrationEntry>>> from, SpiffeId id, long number) {
        var rest = from.get(id).orElseGet(SortedTree::empty).without(number);
        return rest.size() == 0 ? from.without(id) : from.with(id, rest);
    }

    public int size() {
        return rows.size();
    }

    /** Those that give an ID, in order. */
    public List<RegistrationEntry> of(SpiffeId id) {
        return values(bySpiffeId, id);
    }

    /** Those right below an ID, in order. */
    public List<RegistrationEntry> below(SpiffeId parent) {
        return values(byParent, parent);
    }

    private static List<RegistrationEntry> values(
            SortedTree<SpiffeId, SortedTree<Long, Row<RegistrationEntry>>> from, SpiffeId id) {
        return from.get(id)
                .orElseGet(SortedTree::empty)
                .values()
                .map(Row::value)
                .toList();
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
}
