// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.BoolValue;
import io.countersign.datastore.Database;
import io.countersign.datastore.Selector;
import io.countersign.datastore.node.AttestedNode;
import io.countersign.datastore.node.AttestedNode.Certified;
import io.countersign.datastore.node.AttestedNodes;
import io.countersign.server.Refused;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.serverapi.agent.CountAgentsRequest;
import io.countersign.serverapi.agent.ListAgentsRequest;
import io.countersign.serverapi.agent.ListAgentsRequest.Filter;
import io.countersign.serverapi.types.Agent;
import io.countersign.serverapi.types.SelectorMatch;
import io.countersign.serverapi.types.SelectorMatch.MatchBehavior;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Finding agents: four of them, as an original's datastore could hold them, which no test changes. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AgentQueryTest {
    private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");

    private TestServer server;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        try (var database = Database.open(TestConfig.of(folder).datastore().database())) {
            var nodes = new AttestedNodes(database);
            admit(nodes, "one", "join_token", NOON, false, "s:1");
            admit(nodes, "two", "x509pop", NOON.plusSeconds(1), true, "s:1", "s:2");
            admit(nodes, "three", "x509pop", NOON.plusSeconds(2), true, "s:1", "s:2", "s:3");
            admit(nodes, "four", "join_token", NOON.plusSeconds(3), false);
            var _ = nodes.ban(TestConfig.id("/spire/agent/four"));
        }
        server = TestServer.start(folder);
    }

    private static void admit(
            AttestedNodes nodes, String name, String type, Instant end, boolean reattests, String... selectors)
            throws IOException {
        var known = Arrays.stream(selectors)
                .map(text -> text.split(":", -1))
                .map(parts -> new Selector(parts[0], parts[1]))
                .collect(Collectors.toSet());
        var id = TestConfig.id("/spire/agent/" + name);
        var _ = nodes.admit(AttestedNode.fresh(id, type, new Certified("7", end), reattests, Set.copyOf(known)), false);
    }

    @AfterAll
    void close() {
        server.close();
    }

    record Query(Filter filter, String found) {}

    static Stream<Query> queries() {
        return Stream.of(
                new Query(Filter.getDefaultInstance(), "one two three four"),
                new Query(Filter.newBuilder().setByAttestationType("x509pop").build(), "two three"),
                new Query(Filter.newBuilder().setByBanned(BoolValue.of(true)).build(), "four"),
                new Query(Filter.newBuilder().setByBanned(BoolValue.of(false)).build(), "one two three"),
                new Query(
                        Filter.newBuilder().setByCanReattest(BoolValue.of(true)).build(), "two three"),
                new Query(
                        Filter.newBuilder()
                                .setByCanReattest(BoolValue.of(false))
                                .build(),
                        "one four"),
                new Query(
                        Filter.newBuilder()
                                .setByExpiresBefore("2026-06-01 14:00:02 +0200 +02")
                                .setByBanned(BoolValue.of(false))
                                .build(),
                        "one two"),
                new Query(selectors(MatchBehavior.MATCH_EXACT, "s:1", "s:2"), "two"),
                new Query(selectors(MatchBehavior.MATCH_SUBSET, "s:1", "s:2"), "one two"),
                new Query(selectors(MatchBehavior.MATCH_SUPERSET, "s:1", "s:2"), "two three"),
                new Query(selectors(MatchBehavior.MATCH_ANY, "s:2", "s:9"), "two three"));
    }

    private static Filter selectors(MatchBehavior behavior, String... selectors) {
        return Filter.newBuilder()
                .setBySelectorMatch(SelectorMatch.newBuilder()
                        .setMatch(behavior)
                        .addAllSelectors(Arrays.stream(selectors)
                                .map(TestServer::selector)
                                .toList()))
                .build();
    }

    private static String names(List<Agent> agents) {
        return agents.stream()
                .map(agent -> agent.getId().getPath().replace("/spire/agent/", ""))
                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @MethodSource("queries")
    void aFilterFindsAndCounts(Query query) throws Exception {
        var found = server.agents()
                .listAgents(
                        ListAgentsRequest.newBuilder().setFilter(query.filter()).build());
        // both filters have the same fields with the same numbers
        var same = CountAgentsRequest.Filter.parseFrom(query.filter().toByteString());
        var count = server.agents()
                .countAgents(CountAgentsRequest.newBuilder().setFilter(same).build());

        assertEquals(query.found(), names(found.getAgentsList()));
        assertEquals(found.getAgentsCount(), count.getCount());
    }

    @Test
    void pagesEndWithAnEmptyOne() {
        var pages = new ArrayList<String>();
        var token = "";
        do {
            var page = server.agents()
                    .listAgents(ListAgentsRequest.newBuilder()
                            .setPageSize(3)
                            .setPageToken(token)
                            .build());
            pages.add(names(page.getAgentsList()));
            token = page.getNextPageToken();
        } while (!token.isEmpty());

        assertEquals(List.of("one two three", "four", ""), pages);
    }

    @Test
    void aTimeThatCannotBeReadIsRefused() {
        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> server.agents()
                        .listAgents(ListAgentsRequest.newBuilder()
                                .setFilter(Filter.newBuilder().setByExpiresBefore("tomorrow"))
                                .build()));
    }
}
