// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.explain;

import io.countersign.server.wire.Ids;
import io.countersign.server.wire.Selectors;
import io.countersign.serverapi.types.Agent;
import io.countersign.serverapi.types.Entry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which agents serve which entries, by the rule of SPIRE's server: those below the agent's ID and below each node alias
 * whose selectors the agent has, and those below them again. Here it is walked from the entry up, so that what is
 * missing on the way can be named. Immutable.
 */
public final class Reach {
    private static final String SERVER = "/spire/server";
    private static final String AGENTS = "/spire/agent/";

    private final Map<String, List<Entry>> byId;
    private final Set<String> attested;

    /**
     * @param entries all of the server
     * @param attested the IDs of all agents
     */
    public Reach(Collection<Entry> entries, Collection<String> attested) {
        this.byId = entries.stream().collect(Collectors.groupingBy(entry -> Ids.text(entry.getSpiffeId())));
        this.attested = Set.copyOf(attested);
    }

    /** @param now decides whether the agent's certificate is over */
    public Verdict of(Agent agent, Entry entry, Instant now) {
        var walk = new Walk(agent);
        var through = walk.up(entry);
        var obstacles = new ArrayList<Obstacle>();
        if (agent.getBanned()) {
            obstacles.add(new Obstacle.Banned());
        } else if (agent.getX509SvidExpiresAt() <= now.getEpochSecond()) {
            obstacles.add(new Obstacle.Expired(Instant.ofEpochSecond(agent.getX509SvidExpiresAt())));
        }
        if (through.isEmpty()) {
            obstacles.addAll(
                    walk.obstacles.isEmpty()
                            ? List.of(new Obstacle.Circle(Ids.text(entry.getParentId())))
                            : walk.obstacles.stream().distinct().toList());
        }
        return new Verdict(agent, through.orElse(List.of()), obstacles);
    }

    /** From one entry up to one agent; a second entry needs a new one. */
    private final class Walk {
        private final String agentId;
        private final Set<String> node;
        private final Set<String> visited = new HashSet<>();
        private final List<Obstacle> obstacles = new ArrayList<>();

        Walk(Agent agent) {
            agentId = Ids.text(agent.getId());
            node = Set.copyOf(Selectors.texts(agent.getSelectorsList()));
        }

        /** What lies between, from the agent on; nothing if there is no way, and then the obstacles are noted. */
        Optional<List<Entry>> up(Entry entry) {
            var parent = Ids.text(entry.getParentId());
            if (parent.equals(agentId)) {
                return Optional.of(List.of());
            }
            if (entry.getParentId().getPath().equals(SERVER)) {
                return alias(entry);
            }
            if (!visited.add(parent)) {
                return Optional.empty();
            }
            var above = byId.getOrDefault(parent, List.of());
            for (var step : above) {
                var way = up(step);
                if (way.isPresent()) {
                    var longer = new ArrayList<>(way.get());
                    longer.add(step);
                    return Optional.of(longer);
                }
            }
            if (above.isEmpty()) {
                obstacles.add(
                        entry.getParentId().getPath().startsWith(AGENTS)
                                ? new Obstacle.OtherAgent(parent, attested.contains(parent))
                                : new Obstacle.UnknownParent(parent));
            }
            return Optional.empty();
        }

        private Optional<List<Entry>> alias(Entry entry) {
            var missing = Selectors.texts(entry.getSelectorsList()).stream()
                    .filter(selector -> !node.contains(selector))
                    .toList();
            if (missing.isEmpty()) {
                return Optional.of(List.of());
            }
            obstacles.add(new Obstacle.MissingSelectors(entry, missing));
            return Optional.empty();
        }
    }
}
