// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.change;

import io.countersign.datastore.Row;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a reader that keeps everything of a kind in memory lacks, as of one moment. */
public sealed interface Update<T> {
    /** How far the reader is then. */
    long position();

    /** Everything there is, in order; whatever else the reader holds is gone. */
    record All<T>(List<Row<T>> rows, long position) implements Update<T> {
        public All {
            rows = List.copyOf(rows);
        }
    }

    /** What some are now, by what the feed calls them; nothing for one that is gone. */
    record Some<T>(Map<String, Optional<Row<T>>> items, long position) implements Update<T> {
        public Some {
            items = Map.copyOf(items);
        }
    }
}
