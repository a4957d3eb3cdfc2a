// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.entry;

import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.datastore.node.AttestedNode;
import io.countersign.server.caller.Caller;
import io.countersign.server.caller.KnownNodes;
import java.util.List;
import java.util.Set;

/** The entries that the calling agent may serve. Thread-safe. */
public final class AuthorizedEntries {
    private final EntryCatalog catalog;
    private final KnownNodes nodes;

    public AuthorizedEntries(EntryCatalog catalog, KnownNodes nodes) {
        this.catalog = catalog;
        this.nodes = nodes;
    }

    public List<RegistrationEntry> of(Caller.Agent agent) {
        var selectors = nodes.find(agent.id()).map(AttestedNode::selectors).orElse(Set.of());
        return catalog.current().authorizedFor(agent.id(), selectors);
    }
}
