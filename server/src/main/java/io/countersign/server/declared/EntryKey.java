// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.declared;

import io.countersign.server.wire.Ids;
import io.countersign.server.wire.Selectors;
import io.countersign.serverapi.types.Entry;
import java.util.List;

/** What a server has only once: it refuses a second entry with the same three. */
record EntryKey(String spiffeId, String parentId, List<String> selectors) {
    static EntryKey of(Entry entry) {
        return new EntryKey(
                Ids.text(entry.getSpiffeId()),
                Ids.text(entry.getParentId()),
                Selectors.texts(entry.getSelectorsList()));
    }
}
