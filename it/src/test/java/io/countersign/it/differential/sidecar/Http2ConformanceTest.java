// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.it.differential.Answer;
import io.countersign.it.differential.Family;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Programs;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** h2spec against our sidecar and against Envoy, in front of a program that takes its time. */
@Tag("foreign")
class Http2ConformanceTest {
    private static final int CASES = 145;
    private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*m");
    private static final Pattern SECTION = Pattern.compile("\\s+([0-9](\\.[0-9]+)*)\\. .*");
    private static final Pattern CASE = Pattern.compile("\\s+(✔|×) ([0-9]+: .*)");

    @TempDir
    Path folder;

    @Test
    void oursKeepsTheRulesThatEnvoyKeeps() throws Exception {
        var family = Family.named("http2-conformance");
        try (var program = SlowProgram.open();
                var pair = Pair.start(
                        folder,
                        SidecarDifferentialTest.resource("http2-conformance.yaml"),
                        Map.of("program", String.valueOf(program.port())))) {
            var ours = new LinkedHashMap<String, String>();
            var original = new LinkedHashMap<String, String>();
            pair.ask(sidecar -> {
                switch (sidecar.side()) {
                    case OURS -> ours.putAll(results(sidecar));
                    case ORIGINAL -> original.putAll(results(sidecar));
                }
                return Answer.empty();
            });
            assertEquals(CASES, ours.size());
            ours.forEach((name, result) -> family.compare(
                    name,
                    Answer.empty().with("result", result),
                    Answer.empty().with("result", original.getOrDefault(name, "not run"))));
        }
        family.conclude(CASES, "HTTP/2 of the sidecar (h2spec 2.2.1)", "Envoy 1.40.0");
    }

    /** By section and case. */
    private static Map<String, String> results(Running sidecar) throws Exception {
        var said = Outcome.of(
                Map.of(),
                List.of(
                        Programs.foreign("h2spec").toString(),
                        "-h",
                        "127.0.0.1",
                        "-p",
                        String.valueOf(sidecar.port("plain")),
                        "-o",
                        "12"));
        var results = new LinkedHashMap<String, String>();
        var group = "";
        var section = "";
        var report = COLOUR.matcher(said.out()).replaceAll("").split("Failures:", 2)[0];
        for (var line : report.lines().toList()) {
            var heading = SECTION.matcher(line);
            var tested = CASE.matcher(line);
            if (tested.matches()) {
                results.put(
                        group + " " + section + " " + tested.group(2),
                        tested.group(1).equals("✔") ? "passed" : "failed");
            } else if (heading.matches()) {
                section = heading.group(1);
            } else if (!line.isBlank() && !line.startsWith(" ")) {
                group = line.replaceFirst(" (tests|\\().*", "");
            }
        }
        return results;
    }
}
