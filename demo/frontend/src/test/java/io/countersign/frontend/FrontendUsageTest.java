// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.env.Environment;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FrontendUsageTest {
    private static final Pattern VARIABLE = Pattern.compile("^  ([A-Z_]+)=(.*)$", Pattern.MULTILINE);

    private static Map<String, String> shown() {
        return VARIABLE.matcher(FrontendSettings.USAGE)
                .results()
                .collect(Collectors.toMap((MatchResult line) -> line.group(1), (MatchResult line) -> line.group(2)));
    }

    @Test
    void whatIsShownIsWhatHoldsWithoutAnyVariable() {
        assertEquals(FrontendSettings.read(new Environment(Map.of())), FrontendSettings.read(new Environment(shown())));
    }

    @Test
    void everyVariableThatIsShownIsRead() {
        var environment = new Environment(shown());
        FrontendSettings.read(environment);

        environment.refuseUnknown("");
        environment.check();
        assertTrue(shown().size() > 8, FrontendSettings.USAGE);
    }

    @Test
    void helpIsAnAnswer() throws Exception {
        for (var word : List.of("-h", "--help")) {
            var printed = new ByteArrayOutputStream();
            var stdout = System.out;
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            try {
                FrontendMain.main(new String[] {word});
            } finally {
                System.setOut(stdout);
            }
            assertEquals(FrontendSettings.USAGE, printed.toString(StandardCharsets.UTF_8), word);
        }
    }
}
