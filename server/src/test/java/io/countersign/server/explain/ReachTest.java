// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.TestServer;
import io.countersign.server.explain.Obstacle.Banned;
import io.countersign.server.explain.Obstacle.Circle;
import io.countersign.server.explain.Obstacle.Expired;
import io.countersign.server.explain.Obstacle.MissingSelectors;
import io.countersign.server.explain.Obstacle.OtherAgent;
import io.countersign.server.explain.Obstacle.UnknownParent;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.types.Agent;
import io.countersign.serverapi.types.Entry;
import io.countersign.spiffe.SpiffeId;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReachTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_000_000);
    private static final Agent AGENT = agent("/spire/agent/k8s_psat/a", "k8s_psat:cluster:demo", "k8s_psat:node:n1");

    private static SpiffeId id(String path) {
        return SpiffeId.parse("spiffe://example.org" + path);
    }

    private static Entry entry(String id, String parent, String path, String... selectors) {
        return TestServer.entry(id(parent), id(path), selectors).setId(id).build();
    }

    private static Agent agent(String path, String... selectors) {
        return Agent.newBuilder()
                .setId(Ids.message(id(path)))
                .setX509SvidExpiresAt(NOW.getEpochSecond() + 60)
                .addAllSelectors(
                        Arrays.stream(selectors).map(TestServer::selector).toList())
                .build();
    }

    /** Of the last entry, for the agent. */
    private static Verdict verdict(Agent agent, Entry... entries) {
        return new Reach(List.of(entries), Set.of(id("/spire/agent/k8s_psat/b").toString()))
                .of(agent, entries[entries.length - 1], NOW);
    }

    @Test
    void itsOwnEntriesAreServed() {
        var verdict = verdict(AGENT, entry("e", "/spire/agent/k8s_psat/a", "/web", "unix:uid:1"));

        assertTrue(verdict.isServed());
        assertEquals(List.of(), verdict.through());
    }

    @Test
    void aWayLeadsThroughAliasesAndWhatIsBelowThem() {
        var alias = entry("n", "/spire/server", "/node", "k8s_psat:cluster:demo");
        var middle = entry("m", "/node", "/middle", "unix:uid:1");

        var verdict = verdict(AGENT, alias, middle, entry("e", "/middle", "/web", "unix:uid:1"));

        assertTrue(verdict.isServed());
        assertEquals(List.of(alias, middle), verdict.through());
    }

    @Test
    void oneAliasOfSeveralIsEnough() {
        var other = entry("n1", "/spire/server", "/node", "k8s_psat:cluster:other");
        var fitting = entry("n2", "/spire/server", "/node", "k8s_psat:cluster:demo");

        var verdict = verdict(AGENT, other, fitting, entry("e", "/node", "/web", "unix:uid:1"));

        assertEquals(List.of(), verdict.obstacles());
        assertEquals(List.of(fitting), verdict.through());
    }

    @Test
    void onlyTheSelectorsThatAreMissingAreNamed() {
        var alias = entry("n", "/spire/server", "/node", "k8s_psat:cluster:demo", "k8s_psat:node:n2");

        var verdict = verdict(AGENT, alias, entry("e", "/node", "/web", "unix:uid:1"));

        assertEquals(List.of(new MissingSelectors(alias, List.of("k8s_psat:node:n2"))), verdict.obstacles());
    }

    @Test
    void anEntryForNodesIsJudgedByItself() {
        var alias = entry("n", "/spire/server", "/node", "k8s_psat:cluster:other");

        assertEquals(
                List.of(new MissingSelectors(alias, List.of("k8s_psat:cluster:other"))),
                verdict(AGENT, alias).obstacles());
    }

    @Test
    void aWayThatBeginsElsewhereIsNamedByItsBeginning() {
        assertEquals(
                List.of(new OtherAgent("spiffe://example.org/spire/agent/k8s_psat/b", true)),
                verdict(AGENT, entry("e", "/spire/agent/k8s_psat/b", "/web", "unix:uid:1"))
                        .obstacles());
        assertEquals(
                List.of(new OtherAgent("spiffe://example.org/spire/agent/k8s_psat/c", false)),
                verdict(AGENT, entry("e", "/spire/agent/k8s_psat/c", "/web", "unix:uid:1"))
                        .obstacles());
        assertEquals(
                List.of(new UnknownParent("spiffe://example.org/nobody")),
                verdict(AGENT, entry("m", "/nobody", "/middle", "a:b"), entry("e", "/middle", "/web", "unix:uid:1"))
                        .obstacles());
    }

    @Test
    void parentsInACircleEndTheWalk() {
        assertEquals(
                List.of(new Circle("spiffe://example.org/b")),
                verdict(AGENT, entry("a", "/a", "/b", "x:y"), entry("b", "/b", "/a", "x:y"))
                        .obstacles());
    }

    @Test
    void twoWaysFromOneDeadEndAreOneObstacle() {
        var one = entry("m1", "/nobody", "/middle", "a:b");
        var two = entry("m2", "/nobody", "/middle", "a:c");

        assertEquals(
                List.of(new UnknownParent("spiffe://example.org/nobody")),
                verdict(AGENT, one, two, entry("e", "/middle", "/web", "unix:uid:1"))
                        .obstacles());
    }

    @Test
    void anAgentThatIsTurnedAwayServesNothing() {
        var own = entry("e", "/spire/agent/k8s_psat/a", "/web", "unix:uid:1");
        var banned = AGENT.toBuilder().setBanned(true).setX509SvidExpiresAt(0).build();
        var expired =
                AGENT.toBuilder().setX509SvidExpiresAt(NOW.getEpochSecond()).build();

        assertEquals(List.of(new Banned()), verdict(banned, own).obstacles());
        assertEquals(List.of(new Expired(NOW)), verdict(expired, own).obstacles());
    }
}
