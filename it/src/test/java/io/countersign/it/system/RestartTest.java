// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Programs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** What must survive a stop: the authorities, the entries and the orders. */
class RestartTest {
    private record Kept(String bundle, List<String> entries, JsonElement orders) {
        static Kept of(RunningSystem system) throws Exception {
            // the agent's own entry, of the join token that each start offers, is another one
            return new Kept(
                    server(system, "bundle", "show"),
                    entries(system, "-parentID", "spiffe://example.org/node/local"),
                    system.demo().get("orders"));
        }

        /** Their ids. */
        static List<String> entries(RunningSystem system, String... which) throws Exception {
            var words = new ArrayList<>(List.of("entry", "show", "-output", "json"));
            words.addAll(List.of(which));
            var entries = JsonParser.parseString(server(system, words.toArray(String[]::new)))
                    .getAsJsonObject()
                    .getAsJsonArray("entries");
            return StreamSupport.stream(entries.spliterator(), false)
                    .map(entry -> entry.getAsJsonObject().get("id").getAsString())
                    .sorted()
                    .toList();
        }

        private static String server(RunningSystem system, String... words) throws Exception {
            var command = new ArrayList<>(List.of(Programs.COUNTERSIGN.toString(), "server"));
            command.addAll(List.of(words));
            command.addAll(List.of(
                    "-socketPath",
                    system.state().resolve("server/private/api.sock").toString()));
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
                int entries = Kept.entries(second).size();
                assertEquals(0, second.stop());
                try (var third = RunningSystem.start(folder)) {
                    assertEquals(entries, Kept.entries(third).size(), "a start leaves something behind");
                }
            }
        }
    }
}
