// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.change;

import java.util.List;

/** What has changed after a position. */
public sealed interface Since {
    /** Where to go on from. */
    long position();

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
