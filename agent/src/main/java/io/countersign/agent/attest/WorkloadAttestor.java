// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import io.countersign.agent.entry.Selector;
import io.countersign.rpc.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/**
 * Finds selectors of a process. Implementations are thread-safe and may block; they end soon when their thread is
 * interrupted, for their caller waits no longer than {@link #patience}.
 */
public interface WorkloadAttestor {
    /** The plugin's name, which is also the type of its selectors. */
    String name();

    /** How long it may take. */
    default Duration patience() {
        return Duration.ofSeconds(10);
    }

    /**
     * Whether it reads files or memory of the process, which that can have brought from a file system that never answers;
     * interrupting helps nothing then.
     */
    default boolean readsTheProgram() {
        return false;
    }

    /**
     * @return the selectors, each with how far it can be believed; empty if this attestor has nothing to say of such a process
     * @throws IOException if it should have something to say and could not look
     */
    Map<Selector, Assurance> attest(Peer.LocalProcess process) throws IOException, InterruptedException;
}
