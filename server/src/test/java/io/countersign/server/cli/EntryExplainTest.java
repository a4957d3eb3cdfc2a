// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.countersign.server.TestServer;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.agent.BanAgentRequest;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.GetAuthorizedEntriesRequest;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.X509Svid;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which agents serve an entry, and why the others do not. */
@Timeout(60)
class EntryExplainTest {
    @TempDir
    Path folder;

    private TestServer server;
    private X509Svid inside;
    private X509Svid outside;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
        inside = join("inside", "spiffe://example.org/node");
        outside = join("outside", "spiffe://example.org/elsewhere");
        var created = run("entry create -entryID e1 -parentID spiffe://example.org/node"
                + " -spiffeID spiffe://example.org/web -selector unix:uid:1 -selector unix:gid:1");
        assertEquals(0, created.code(), created.err());
    }

    private X509Svid join(String token, String alias) throws Exception {
        var _ = server.agents()
                .createJoinToken(CreateJoinTokenRequest.newBuilder()
                        .setTtl(60)
                        .setToken(token)
                        .setAgentId(Ids.message(SpiffeId.parse(alias)))
                        .build());
        return server.join(token);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Output run(String words) {
        return Output.of(server, words);
    }

    private String aliasOf(X509Svid agent) {
        return server.entries().listEntries(ListEntriesRequest.getDefaultInstance()).getEntriesList().stream()
                .filter(entry -> entry.getParentId().equals(Ids.message(agent.id())))
                .findFirst()
                .orElseThrow()
                .getId();
    }

    private long served(X509Svid agent) {
        return TestServer.waiting(EntryGrpc.newBlockingStub(server.as(agent)))
                .getAuthorizedEntries(GetAuthorizedEntriesRequest.getDefaultInstance())
                .getEntriesList()
                .stream()
                .filter(entry -> entry.getId().equals("e1"))
                .count();
    }

    @Test
    void itSaysWhatTheAgentsReallyGet() {
        var output = run("entry explain -spiffeID spiffe://example.org/web");

        assertEquals(1, served(inside));
        assertEquals(0, served(outside));
        assertEquals(new Output(0, """
                Entry ID       : e1
                SPIFFE ID      : spiffe://example.org/web
                Parent ID      : spiffe://example.org/node
                Selectors      : unix:gid:1, unix:uid:1
                Served by      : 1 of 2 agents
                  yes  spiffe://example.org/spire/agent/join_token/inside
                         through entry %s (spiffe://example.org/node)
                  no   spiffe://example.org/spire/agent/join_token/outside
                         another agent is the parent: spiffe://example.org/spire/agent/join_token/inside

                """.formatted(aliasOf(inside)), ""), output);
    }

    @Test
    void nodeSelectorsThatAreMissingAreNamed() {
        var _ = run("entry create -node -entryID n1 -spiffeID spiffe://example.org/cluster"
                + " -selector k8s_psat:cluster:demo");
        var _ = run("entry create -entryID e2 -parentID spiffe://example.org/cluster"
                + " -spiffeID spiffe://example.org/pod -selector k8s:ns:a");

        var words = run("entry explain -entryID e2 -agent spiffe://example.org/spire/agent/join_token/inside");
        var alias = run("entry explain -entryID n1");

        assertTrue(
                words.out()
                        .endsWith("Served by      : 0 of 1 agent\n"
                                + "  no   spiffe://example.org/spire/agent/join_token/inside\n"
                                + "         lacks k8s_psat:cluster:demo, which entry n1 (spiffe://example.org/cluster)"
                                + " wants of a node\n\n"),
                words.out());
        assertTrue(alias.out().contains("Node selectors : k8s_psat:cluster:demo\nApplies to     : 0 of 2 agents\n"));
    }

    @Test
    void anAgentThatIsBannedServesNothing() {
        var _ = server.agents()
                .banAgent(BanAgentRequest.newBuilder()
                        .setId(Ids.message(inside.id()))
                        .build());

        var output = run("entry explain -entryID e1 -output json");

        var agents = JsonParser.parseString(output.out())
                .getAsJsonObject()
                .getAsJsonArray("entries")
                .get(0)
                .getAsJsonObject()
                .getAsJsonArray("agents");
        assertEquals(
                "{\"agent_id\":\"spiffe://example.org/spire/agent/join_token/inside\",\"obstacles\":[{\"kind\":\"banned\","
                        + "\"message\":\"is banned; \\\"agent evict\\\" lets it attest again\"}],\"served\":false,"
                        + "\"through\":[{\"entry_id\":\"" + aliasOf(inside)
                        + "\",\"spiffe_id\":\"spiffe://example.org/node\"}]}",
                agents.get(0).toString());
    }

    @Test
    void withoutAgentsNobodyServesAnything() {
        for (var agent : List.of(inside, outside)) {
            assertEquals(0, run("agent evict -spiffeID " + agent.id()).code());
        }

        var output = run("entry explain -entryID e1");

        assertTrue(output.out().contains("Served by      : nobody: no agent is attested\n"), output.out());
    }

    @Test
    void anEntryThatIsOverSaysSo() {
        var _ = run("entry update -entryID e1 -parentID spiffe://example.org/node"
                + " -spiffeID spiffe://example.org/web -selector unix:uid:1 -entryExpiry 1000000000");

        var output = run("entry explain -entryID e1");

        assertTrue(
                output.out().contains("Expired        : 2001-09-09T01:46:40Z; the server is about to delete it\n"),
                output.out());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            entry explain                                             | nothing to explain; expected -spiffeID, -entryID or -agent
            entry explain -spiffeID spiffe://example.org/a -entryID b | -spiffeID and -entryID are both given; expected one of them
            entry explain -entryID e2                                 | no entry has the entry ID "e2"; did you mean e1?
            entry explain -spiffeID spiffe://example.org/wep          | no entry has the SPIFFE ID "spiffe://example.org/wep"; did you mean spiffe://example.org/web?
            entry explain -agent x                                    | spiffe id "x" is not valid: expected it to begin with "spiffe://"
            entry explain -agent spiffe://example.org/spire/agent/join_token/insid | no attested agent has the SPIFFE ID "spiffe://example.org/spire/agent/join_token/insid"; did you mean spiffe://example.org/spire/agent/join_token/inside?
            """)
    void whatCannotBeExplainedIsAFailure(String words, String expected) {
        assertEquals(new Output(1, "", "Error: " + expected + "\n"), run(words));
    }
}
