// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import io.countersign.datastore.change.ChangeFeed;
import io.countersign.datastore.entry.Entries;
import io.countersign.datastore.node.AttestedNodes;
import io.countersign.datastore.node.JoinTokens;
import io.countersign.server.config.ServerConfig.NodePruning;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes out of the database what is of no use any more. */
final class Pruning {
    private static final Logger log = LoggerFactory.getLogger(Pruning.class);

    /** As long as the original keeps its events. */
    private static final Duration CHANGES_KEPT = Duration.ofHours(12);

    private final Entries entries;
    private final JoinTokens tokens;
    private final AttestedNodes nodes;
    private final ChangeFeed feed;
    private final InstantSource clock;

    Pruning(Entries entries, JoinTokens tokens, AttestedNodes nodes, ChangeFeed feed, InstantSource clock) {
        this.entries = entries;
        this.tokens = tokens;
        this.nodes = nodes;
        this.feed = feed;
        this.clock = clock;
    }

    /** What has an end of its own. */
    void expired() {
        var now = clock.instant();
        tokens.prune(now);
        feed.prune(CHANGES_KEPT);
        var pruned = entries.prune(now);
        if (!pruned.isEmpty()) {
            log.atInfo().addKeyValue("count", pruned.size()).log("expired entries are removed");
        }
    }

    /** Nodes that have not been there for long. Their entries stay, for when they come again. */
    void nodes(NodePruning which) {
        var endedBefore = clock.instant().minus(which.expiredFor());
        var forgotten = nodes.prune(endedBefore, which.withFirstUses(), which.atOnce());
        if (!forgotten.isEmpty()) {
            log.atInfo().addKeyValue("count", forgotten.size()).log("nodes that have expired long ago are forgotten");
        }
    }
}
