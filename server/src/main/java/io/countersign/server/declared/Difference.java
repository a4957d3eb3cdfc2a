// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.declared;

import io.countersign.launch.config.ConfigException;
import io.countersign.launch.config.Problem;
import io.countersign.server.declared.Change.Create;
import io.countersign.server.declared.Change.Delete;
import io.countersign.server.declared.Change.Update;
import io.countersign.server.wire.Ids;
import io.countersign.server.wire.Selectors;
import io.countersign.serverapi.types.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a server has to do so that it has what a file says, in the order in which it is safe: updates make room for what is
 * created, and nothing goes before its successor is there.
 *
 * @param unchanged how many entries of the file the server has as they are
 * @param surplus what the server has in the scope and the file does not have
 */
public record Difference(List<Update> updates, List<Create> creates, int unchanged, List<Delete> surplus) {
    public Difference {
        updates = List.copyOf(updates);
        creates = List.copyOf(creates);
        surplus = List.copyOf(surplus);
    }

    /**
     * An entry of the file that has an entry ID is the one with that ID; another is the one with the same SPIFFE ID, parent
     * ID and selectors.
     *
     * @param present all entries of the server
     * @throws ConfigException if the server would refuse an entry because it has it under another entry ID
     */
    public static Difference between(EntriesFile file, Collection<Entry> present) {
        var left = new LinkedHashMap<String, Entry>();
        present.forEach(entry -> left.put(entry.getId(), entry));
        var found = new LinkedHashMap<DeclaredEntry, Entry>();
        for (var declared : file.entries()) {
            var named = left.remove(declared.entry().getId());
            if (named != null) {
                found.put(declared, named);
            }
        }
        Map<EntryKey, Entry> byKey = new LinkedHashMap<>();
        left.values().forEach(entry -> byKey.putIfAbsent(EntryKey.of(entry), entry));
        var problems = new ArrayList<Problem>();
        for (var declared : file.entries()) {
            var same = byKey.get(declared.key());
            if (same != null && !declared.isNamed()) {
                left.remove(same.getId());
                found.put(declared, same);
            } else if (same != null && !found.containsKey(declared)) {
                problems.add(elsewhere(declared, same));
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(file.name(), problems);
        }
        return of(file.entries(), found, surplus(file.scope(), left.values()));
    }

    private static Problem elsewhere(DeclaredEntry declared, Entry same) {
        return new Problem(
                declared.line(),
                declared.path() + ".entry_id",
                "is \"" + declared.entry().getId()
                        + "\", but the server has the same SPIFFE ID, parent ID and selectors as entry \""
                        + same.getId()
                        + "\"; write that ID, or leave entry_id out");
    }

    private static Difference of(List<DeclaredEntry> entries, Map<DeclaredEntry, Entry> found, List<Delete> surplus) {
        var updates = new ArrayList<Update>();
        var creates = new ArrayList<Create>();
        int unchanged = 0;
        for (var declared : entries) {
            var wanted = declared.entry();
            var present = found.get(declared);
            if (present == null) {
                creates.add(new Create(wanted));
            } else if (EntryFields.of(present).equals(EntryFields.of(wanted))) {
                unchanged++;
            } else {
                updates.add(new Update(
                        present, wanted.toBuilder().setId(present.getId()).build()));
            }
        }
        return new Difference(updates, creates, unchanged, surplus);
    }

    private static List<Delete> surplus(Optional<Scope> scope, Collection<Entry> left) {
        return scope.stream()
                .flatMap(limits -> left.stream().filter(limits::covers))
                .filter(entry -> !isOfJoinToken(entry))
                .map(Delete::new)
                .toList();
    }

    /** The server makes it along with a token and deletes it along with the agent: no file can know it. */
    private static boolean isOfJoinToken(Entry entry) {
        return entry.getParentId().getPath().startsWith("/spire/agent/join_token/")
                && Selectors.texts(entry.getSelectorsList())
                        .equals(List.of("spiffe_id:" + Ids.text(entry.getParentId())));
    }

    /** Without what is surplus: it stays. */
    public Difference withoutDeletes() {
        return new Difference(updates, creates, unchanged, List.of());
    }

    public boolean isEmpty() {
        return updates.isEmpty() && creates.isEmpty() && surplus.isEmpty();
    }

    /** In their order. */
    public List<Change> changes() {
        return Stream.of(updates, creates, surplus)
                .<Change>flatMap(List::stream)
                .toList();
    }
}
