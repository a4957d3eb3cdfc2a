// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import java.io.IOException;
import java.util.Set;

/** Finds selectors of a process. Implementations are thread-safe and may block on files, not on the network for long. */
public interface WorkloadAttestor {
    /** The plugin's name, which is also the type of its selectors. */
    String name();

    Assurance assurance();

    /**
     * @return the selectors; empty if this attestor has nothing to say of such a process
     * @throws IOException if it should have something to say and could not look
     */
    Set<Selector> attest(Peer.LocalProcess process) throws IOException;
}
