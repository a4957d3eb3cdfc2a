// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.declared;

import io.countersign.serverapi.types.Entry;
import java.util.List;
import java.util.Map;

/** One thing that a server has to do so that it has what a file says. */
public sealed interface Change {
    record Create(Entry wanted) implements Change {}

    /** @param wanted with the entry ID of the present one */
    record Update(Entry present, Entry wanted) implements Change {}

    record Delete(Entry present) implements Change {}

    /** {@code create}, {@code update} or {@code delete}. */
    default String verb() {
        return switch (this) {
            case Create _ -> "create";
            case Update _ -> "update";
            case Delete _ -> "delete";
        };
    }

    /** The entry that it is about, as it is to be, or as it is before it goes. */
    default Entry entry() {
        return switch (this) {
            case Create(var wanted) -> wanted;
            case Update(var _, var wanted) -> wanted;
            case Delete(var present) -> present;
        };
    }

    /** A line for each value that comes, {@code + key: value}, or goes, {@code - key: value}. */
    default List<String> lines() {
        return switch (this) {
            case Create(var wanted) -> EntryFields.difference(Map.of(), EntryFields.of(wanted));
            case Update(var present, var wanted) ->
                EntryFields.difference(EntryFields.of(present), EntryFields.of(wanted));
            case Delete(var present) -> EntryFields.difference(EntryFields.of(present), Map.of());
        };
    }
}
