// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.change;

import io.countersign.datastore.change.Change.Kind;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What has changed after a position. */
public sealed interface Since {
    /** Where to go on from. */
    long position();

    /** What of a kind has changed, each once; nothing if that is no longer known. */
    default Optional<Set<String>> items(Kind kind) {
        return switch (this) {
            case Unknown _ -> Optional.empty();
            case Changes known ->
                Optional.of(known.changes().stream()
                        .filter(change -> change.kind() == kind)
                        .map(Change::item)
                        .collect(Collectors.toSet()));
        };
    }

    /**
     * These, oldest first; one thing may be there more than once.
     *
     * @param position that of the last one
     */
    record Changes(List<Change> changes, long position) implements Since {
        public Changes {
            changes = List.copyOf(changes);
        }
    }

    /** It is no longer known, or the database is older than the reader: everything has to be read again. */
    record Unknown(long position) implements Since {}
}
