// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Programs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** What must survive a stop: the authorities, the entries and the orders. */
class RestartTest {
    private record Kept(String bundle, List<String> entries, JsonElement orders) {
        static Kept of(RunningSystem system) throws Exception {
            var socket = system.state().resolve("server/private/api.sock");
            // the agent's own entry, of the join token that each start offers, is another one
            var entries = JsonParser.parseString(server(
                            socket, "entry", "show", "-parentID", "spiffe://example.org/node/local", "-output", "json"))
                    .getAsJsonObject()
                    .getAsJsonArray("entries");
            return new Kept(
                    server(socket, "bundle", "show"),
                    StreamSupport.stream(entries.spliterator(), false)
                            .map(entry -> entry.getAsJsonObject().get("id").getAsString())
                            .sorted()
                            .toList(),
                    system.demo().get("orders"));
        }

        private static String server(Path socket, String noun, String verb, String... more) throws Exception {
            var command = new ArrayList<>(
                    List.of(Programs.COUNTERSIGN.toString(), "server", noun, verb, "-socketPath", socket.toString()));
            command.addAll(List.of(more));
            var outcome = Outcome.of(Map.of(), command);
            assertEquals(0, outcome.code(), outcome::err);
            return outcome.out();
        }
    }

    @Test
    void authoritiesEntriesAndOrdersSurvive() throws Exception {
        var folder = RunningSystem.newFolder();
        try (var first = RunningSystem.start(folder)) {
            var before = Kept.of(first);
            assertEquals(0, first.stop());
            try (var second = RunningSystem.start(folder)) {
                assertEquals(before, Kept.of(second));
                Judge.assertProven(second.demo());
            }
        }
    }
}
