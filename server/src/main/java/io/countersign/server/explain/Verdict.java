// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.explain;

import io.countersign.serverapi.types.Agent;
import io.countersign.serverapi.types.Entry;
import java.util.List;

/**
 * Whether an agent serves an entry.
 *
 * @param through the entries on the way from the agent to the entry, without the entry itself; empty if the agent is its
 *     parent, if it is a node alias, or if there is no way
 * @param obstacles empty if the agent serves it
 */
public record Verdict(Agent agent, List<Entry> through, List<Obstacle> obstacles) {
    public Verdict {
        through = List.copyOf(through);
        obstacles = List.copyOf(obstacles);
    }

    public boolean isServed() {
        return obstacles.isEmpty();
    }
}
