// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.declared;

import io.countersign.serverapi.types.Entry;

/**
 * One entry of a file.
 *
 * @param entry as the server is to have it, with the entry ID that the file gives it, or none
 * @param path such as {@code entries[0]}
 * @param line from 1
 */
record DeclaredEntry(Entry entry, String path, int line) {
    EntryKey key() {
        return EntryKey.of(entry);
    }

    boolean isNamed() {
        return !entry.getId().isEmpty();
    }
}
