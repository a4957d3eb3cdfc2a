// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.declared;

import io.countersign.server.wire.Ids;
import io.countersign.serverapi.types.Entry;
import io.countersign.spiffe.SpiffeId;
import java.util.Optional;
import java.util.Set;

/**
 * The entries that a file speaks for, all of them: one that is in the scope and not in the file is one too many.
 *
 * @param parentIds an entry in the scope has one of these parents; empty for any
 * @param below an entry in the scope has this SPIFFE ID or one whose path goes on from it by a slash; nothing for any
 */
public record Scope(Set<SpiffeId> parentIds, Optional<SpiffeId> below) {
    /** @throws IllegalArgumentException if it would be every entry that there is */
    public Scope {
        parentIds = Set.copyOf(parentIds);
        if (parentIds.isEmpty() && below.isEmpty()) {
            throw new IllegalArgumentException("a scope of everything; expected parent IDs, a SPIFFE ID or both");
        }
    }

    boolean covers(Entry entry) {
        var parent = Ids.text(entry.getParentId());
        var id = Ids.text(entry.getSpiffeId());
        return (parentIds.isEmpty()
                        || parentIds.stream().anyMatch(one -> one.toString().equals(parent)))
                && below.map(SpiffeId::toString)
                        .map(root -> id.equals(root) || id.startsWith(root + "/"))
                        .orElse(true);
    }
}
