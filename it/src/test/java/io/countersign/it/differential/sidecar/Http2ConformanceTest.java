// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.it.differential.Answer;
import io.countersign.it.differential.Family;
import io.countersign.it.differential.MeasuredPage;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Programs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
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
    private static final String PASSED = "passed";
    private static final String NOT_RUN = "not run";

    @TempDir
    Path folder;

    /** @param section of the document that the group is about */
    private record Rule(String group, String section, String test) {
        String place() {
            return group + " " + section;
        }

        @Override
        public String toString() {
            return place() + " " + test;
        }
    }

    @Test
    void oursKeepsTheRulesThatEnvoyKeeps() throws Exception {
        var family = Family.named("http2-conformance");
        var ours = new LinkedHashMap<Rule, String>();
        var original = new LinkedHashMap<Rule, String>();
        try (var program = SlowProgram.open();
                var pair = Pair.start(
                        folder,
                        SidecarDifferentialTest.resource("http2-conformance.yaml"),
                        Map.of("program", String.valueOf(program.port())))) {
            pair.ask(sidecar -> {
                switch (sidecar.side()) {
                    case OURS -> ours.putAll(results(sidecar));
                    case ORIGINAL -> original.putAll(results(sidecar));
                }
                return Answer.empty();
            });
        }
        assertEquals(CASES, ours.size());
        ours.forEach((rule, result) -> family.compare(
                rule.toString(),
                Answer.empty().with("result", result),
                Answer.empty().with("result", original.getOrDefault(rule, NOT_RUN))));
        family.conclude(CASES, "HTTP/2 of the sidecar (h2spec 2.2.1)", "Envoy 1.40.0");
        MeasuredPage.SMUGGLING.write("h2spec", sideBySide(ours, original));
    }

    private static Map<Rule, String> results(Running sidecar) throws Exception {
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
        var results = new LinkedHashMap<Rule, String>();
        var group = "";
        var section = "";
        var report = COLOUR.matcher(said.out()).replaceAll("").split("Failures:", 2)[0];
        for (var line : report.lines().toList()) {
            var heading = SECTION.matcher(line);
            var tested = CASE.matcher(line);
            if (tested.matches()) {
                results.put(
                        new Rule(group, section, tested.group(2)),
                        tested.group(1).equals("✔") ? PASSED : "failed");
            } else if (heading.matches()) {
                section = heading.group(1);
            } else if (!line.isBlank() && !line.startsWith(" ")) {
                group = line.replaceFirst(" (tests|\\().*", "");
            }
        }
        return results;
    }

    /** How many cases of each section both pass, and by name those that one of them does not. */
    private static String sideBySide(Map<Rule, String> ours, Map<Rule, String> original) {
        var sections = new LinkedHashMap<String, List<Rule>>();
        ours.keySet()
                .forEach(rule -> sections.computeIfAbsent(rule.place(), place -> new ArrayList<>())
                        .add(rule));
        var text = new StringBuilder("h2spec 2.2.1, %d cases: Envoy 1.40.0 passes %d, ours %d.\n\n"
                .formatted(ours.size(), passed(ours.keySet(), original), passed(ours.keySet(), ours)));
        text.append("| section | cases | Envoy passes | Envoy fails | ours passes | ours fails |\n");
        text.append("|---|---|---|---|---|---|\n");
        sections.forEach((place, rules) -> {
            long theirs = passed(rules, original);
            long own = passed(rules, ours);
            text.append("| %s | %d | %d | %d | %d | %d |\n"
                    .formatted(place, rules.size(), theirs, rules.size() - theirs, own, rules.size() - own));
        });
        text.append("\n| not passed by both | Envoy | ours |\n|---|---|---|\n");
        ours.forEach((rule, own) -> {
            var theirs = original.getOrDefault(rule, NOT_RUN);
            if (!own.equals(PASSED) || !theirs.equals(PASSED)) {
                text.append("| %s | %s | %s |\n".formatted(rule.toString().replace("|", "\\|"), theirs, own));
            }
        });
        return text.toString();
    }

    private static long passed(Collection<Rule> rules, Map<Rule, String> results) {
        return rules.stream().filter(rule -> PASSED.equals(results.get(rule))).count();
    }
}
