// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.datastore.node.AttestedNode;
import io.countersign.server.caller.Caller;
import io.countersign.server.caller.KnownNodes;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** The entries that the calling agent may serve: none that has expired, even if it is not taken away yet. Thread-safe. */
public final class AuthorizedEntries {
    private final EntryCatalog catalog;
    private final KnownNodes nodes;
    private final InstantSource clock;

    public AuthorizedEntries(EntryCatalog catalog, KnownNodes nodes, InstantSource clock) {
        this.catalog = catalog;
        this.nodes = nodes;
        this.clock = clock;
    }

    public List<RegistrationEntry> of(Caller.Agent agent) {
        var selectors = nodes.find(agent.id()).map(AttestedNode::selectors).orElse(Set.of());
        var now = clock.instant();
        return catalog.current().authorizedFor(agent.id(), selectors).stream()
                .filter(entry ->
                        entry.expiresAt().isEmpty() || entry.expiresAt().get().isAfter(now))
                .toList();
    }
}
