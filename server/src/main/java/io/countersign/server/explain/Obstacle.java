// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.explain;

import io.countersign.serverapi.types.Entry;
import java.time.Instant;
import java.util.List;

/** Why an agent does not serve an entry. */
public sealed interface Obstacle {
    /** The server turns the agent away until an operator evicts it and it attests again. */
    record Banned() implements Obstacle {}

    /** The agent's certificate is over, so that the server turns the agent away until it attests again. */
    record Expired(Instant since) implements Obstacle {}

    /**
     * The way to the entry goes through a node alias whose selectors the agent does not have.
     *
     * @param alias the entry, whose parent is the server
     * @param missing {@code type:value}, at least one
     */
    record MissingSelectors(Entry alias, List<String> missing) implements Obstacle {
        public MissingSelectors {
            missing = List.copyOf(missing);
        }
    }

    /** The way to the entry begins at another agent. */
    record OtherAgent(String parentId, boolean attested) implements Obstacle {}

    /** The way to the entry begins at an ID that no agent and no entry has. */
    record UnknownParent(String parentId) implements Obstacle {}

    /** The parents of the entry lead back to it and never to an agent. */
    record Circle(String parentId) implements Obstacle {}
}
