// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.countersign.it.process.Await;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Side;
import io.countersign.it.process.Side.Part;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.GetAuthorizedEntriesRequest;
import io.countersign.serverapi.types.Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The commands that only we have, given to our server and to the original's. */
@Tag("foreign")
@Timeout(180)
class OwnCommandsTest {
    private static final String FILE = """
            scope:
              spiffe_ids_below: spiffe://differential.test/shop
            entries:
              - spiffe_id: spiffe://differential.test/shop/web
                parent_id: spiffe://differential.test/node
                selectors: [unix:uid:2, unix:uid:1]
              - entry_id: everything
                spiffe_id: spiffe://differential.test/shop/everything
                parent_id: spiffe://differential.test/node
                selectors: ["unix:uid:3"]
                x509_svid_ttl: 60
                jwt_svid_ttl: 30
                admin: true
                downstream: true
                expires_at: 2096-10-02T07:06:40Z
                dns_names: [b.test, a.test]
                hint: "5"
                additional_attributes: {disable_x509_svid_prefetch: true, jwt_svid_include_jti: true}
            """;

    @TempDir
    Path folder;

    private static Outcome run(RunningServer server, String... words) throws Exception {
        var command = new ArrayList<>(List.of(words));
        command.addAll(List.of("-socketPath", server.socket().toString()));
        return Outcome.of(Map.of(), Side.OURS.command(Part.SERVER, command));
    }

    private static String lastLine(Outcome outcome) {
        return outcome.out().lines().toList().getLast();
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void entriesAreAsAFileSays(Side side) throws Exception {
        var file = folder.resolve("entries.yaml");
        Files.writeString(file, FILE);
        try (var server = RunningServer.start(side, folder.resolve("s"))) {
            var dry = run(server, "entry", "apply", "-f", file.toString(), "-dry-run");
            var first = run(server, "entry", "apply", "-f", file.toString());
            var second = run(server, "entry", "apply", "-f", file.toString(), "-dry-run");
            assertEquals(2, dry.code(), dry.err());
            assertEquals(0, first.code(), first.err());
            assertEquals("2 created, 0 updated, 0 deleted, 0 unchanged", lastLine(first));
            assertEquals(new Outcome(0, "0 to create, 0 to update, 0 to delete, 2 unchanged\n", ""), second);

            var exported = folder.resolve("exported.yaml");
            Files.writeString(exported, run(server, "entry", "export").out());
            assertEquals(
                    new Outcome(0, "0 created, 0 updated, 0 deleted, 2 unchanged\n", ""),
                    run(server, "entry", "apply", "-f", exported.toString()));

            // what the file does not say any more is gone, whatever it was
            Files.writeString(
                    file,
                    FILE.replace("unix:uid:1]", "unix:uid:9]")
                            .replace("hint: \"5\"", "hint: six")
                            .replaceAll(
                                    "(?m)^    (admin|downstream|expires_at|dns_names|additional_attributes): .*\\n",
                                    ""));
            var pruned = run(server, "entry", "apply", "-f", file.toString(), "-prune");
            assertEquals("1 created, 1 updated, 1 deleted, 0 unchanged", lastLine(pruned));
            assertTrue(pruned.out().contains("  - hint: 5\n  + hint: six\n"), pruned.out());
            assertEquals(
                    new Outcome(0, "0 to create, 0 to update, 0 to delete, 2 unchanged\n", ""),
                    run(server, "entry", "apply", "-f", file.toString(), "-dry-run", "-prune"));
        }
    }

    /** What is explained is what the server does. */
    @ParameterizedTest
    @EnumSource(Side.class)
    void whatIsExplainedIsServed(Side side) throws Exception {
        try (var server = RunningServer.start(side, folder.resolve("s"));
                var callers = new Callers(server)) {
            callers.join("one");
            callers.join("two");
            var file = folder.resolve("entries.yaml");
            Files.writeString(file, """
                    entries:
                      - {entry_id: direct, parent_id: spiffe://differential.test/spire/agent/join_token/one, spiffe_id: spiffe://differential.test/group, selectors: ["a:b"]}
                      - {entry_id: below, parent_id: spiffe://differential.test/group, spiffe_id: spiffe://differential.test/web, selectors: ["a:b"]}
                      - {entry_id: alias, parent_id: spiffe://differential.test/spire/server, spiffe_id: spiffe://differential.test/node, selectors: ["k8s_psat:cluster:demo"]}
                      - {entry_id: lost, parent_id: spiffe://differential.test/node, spiffe_id: spiffe://differential.test/pod, selectors: ["a:b"]}
                    """);
            assertEquals(0, run(server, "entry", "apply", "-f", file.toString()).code());

            var one = explained(server, "one");
            assertEquals(Set.of("direct", "below"), one);
            assertEquals(Set.of(), explained(server, "two"));
            // the original looks into its database every five seconds
            Await.until(
                    Duration.ofSeconds(30),
                    "agent one does not serve " + one,
                    () -> served(callers, "one").equals(one));
            assertEquals(Set.of(), served(callers, "two"));
        }
    }

    private static Set<String> explained(RunningServer server, String agent) throws Exception {
        var id = "spiffe://differential.test/spire/agent/join_token/" + agent;
        var outcome = run(server, "entry", "explain", "-agent", id, "-output", "json");
        assertEquals(0, outcome.code(), outcome.err());
        return JsonParser.parseString(outcome.out()).getAsJsonObject().getAsJsonArray("entries").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .filter(entry -> entry.getAsJsonArray("agents")
                        .get(0)
                        .getAsJsonObject()
                        .get("served")
                        .getAsBoolean())
                .map(entry -> entry.get("entry_id").getAsString())
                .collect(Collectors.toSet());
    }

    private static Set<String> served(Callers callers, String agent) {
        return EntryGrpc.newBlockingStub(callers.of(agent))
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .getAuthorizedEntries(GetAuthorizedEntriesRequest.getDefaultInstance())
                .getEntriesList()
                .stream()
                .map(Entry::getId)
                .collect(Collectors.toSet());
    }
}
