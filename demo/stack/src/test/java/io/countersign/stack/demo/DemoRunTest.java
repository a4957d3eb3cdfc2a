// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What counts as proof, and what is said first when it is none. */
class DemoRunTest {
    private static final String GOOD = """
            {"frontend_to_backend": {"success": true}, "backend_to_database": {"success": true},
             "orders": [1, 2, 3, 4, 5],
             "evidence": [{"hop": "a-b", "seenBy": "a", "peer": "b", "verified": true, "problem": null,
                           "peerSpiffeId": "spiffe://x/b"},
                          {"hop": "a-b", "seenBy": "b", "peer": "a", "verified": true, "problem": null,
                           "peerSpiffeId": "spiffe://x/a"}]}""";
    private static final String REFUSED = """
            [{"kind": "1", "refused": true}, {"kind": "2", "refused": true}, {"kind": "3", "refused": true},
             {"kind": "4", "refused": true, "error": "let in"}]""";

    static Stream<Arguments> runs() {
        return Stream.of(
                arguments(GOOD, REFUSED, Optional.empty()),
                arguments(
                        GOOD.replaceFirst("\"success\": true", "\"success\": false, \"message\": \"no route\""),
                        REFUSED,
                        Optional.of("frontend_to_backend failed: no route")),
                arguments("{}", REFUSED, Optional.of("frontend_to_backend failed: ")),
                arguments(GOOD.replace("1, 2, 3, 4, 5", "1"), REFUSED, Optional.of("1 orders came, expected 5")),
                arguments(
                        GOOD.replaceFirst(
                                "\"verified\": true, \"problem\": null",
                                "\"verified\": false, \"problem\": \"expired\""),
                        REFUSED,
                        Optional.of("a about b: expired")),
                arguments(
                        GOOD.replace("spiffe://x/a", "spiffe://x/b"),
                        REFUSED,
                        Optional.of("a-b: its two ends saw spiffe://x/b, expected two identities")),
                arguments(GOOD.replaceFirst("(?s)\\[\\{.*}]", "[]"), REFUSED, Optional.of("no evidence came")),
                arguments(GOOD, "[]", Optional.of("0 break-ins were tried, expected 4")),
                arguments(
                        GOOD,
                        REFUSED.replace("\"4\", \"refused\": true", "\"4\", \"refused\": false"),
                        Optional.of("break-in 4 was not refused: let in")));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void theFirstFailureIsSaid(String demo, String breakIns, Optional<String> expected) {
        JsonObject seen = JsonParser.parseString(demo).getAsJsonObject();
        JsonArray tried = JsonParser.parseString(breakIns).getAsJsonArray();
        assertEquals(expected, new DemoRun(seen, tried).firstFailure());
    }
}
