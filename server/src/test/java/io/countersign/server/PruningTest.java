// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.datastore.Database;
import io.countersign.datastore.Row;
import io.countersign.datastore.change.ChangeFeed;
import io.countersign.datastore.entry.Entries;
import io.countersign.datastore.node.AttestedNode;
import io.countersign.datastore.node.AttestedNode.Certified;
import io.countersign.datastore.node.AttestedNodes;
import io.countersign.datastore.node.JoinTokens;
import io.countersign.server.config.ServerConfig.NodePruning;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PruningTest {
    private static final Duration DAY = Duration.ofDays(1);

    private final TestClock clock = new TestClock();

    @Test
    void takesAwayWhatHasEnded(@TempDir Path folder) throws Exception {
        try (var database = Database.open(TestConfig.of(folder).datastore().database());
                var feed = new ChangeFeed(database).start()) {
            var tokens = new JoinTokens(database);
            var nodes = new AttestedNodes(database);
            var pruning = new Pruning(new Entries(database), tokens, nodes, feed, clock);
            var _ = tokens.create("token", clock.instant());
            admit(nodes, "comes-again", true);
            admit(nodes, "came-once", false);

            pruning.expired();
            assertEquals(Optional.empty(), tokens.redeem("token"));

            clock.advance(DAY);
            pruning.nodes(new NodePruning(DAY, false, 10));
            assertEquals(List.of("comes-again", "came-once"), names(nodes));

            clock.advance(Duration.ofSeconds(1));
            pruning.nodes(new NodePruning(DAY, false, 10));
            assertEquals(List.of("came-once"), names(nodes));

            pruning.nodes(new NodePruning(DAY, true, 10));
            assertEquals(List.of(), names(nodes));
        }
    }

    private void admit(AttestedNodes nodes, String name, boolean canReattest) {
        var id = TestConfig.id("/spire/agent/" + name);
        var _ = nodes.admit(
                AttestedNode.fresh(id, "x509pop", new Certified("7", clock.instant()), canReattest, Set.of()), false);
    }

    private static List<String> names(AttestedNodes nodes) {
        return nodes.list().stream()
                .map(Row::value)
                .map(node -> Path.of(node.id().path()).getFileName().toString())
                .toList();
    }
}
