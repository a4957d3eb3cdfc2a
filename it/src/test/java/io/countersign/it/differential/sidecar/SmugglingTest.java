// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.it.differential.MeasuredPage;
import io.countersign.it.differential.sidecar.Smuggled.Attack;
import io.countersign.it.differential.sidecar.Smuggled.Relation;
import io.countersign.it.process.Side;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Broken and ambiguous requests to our sidecar and to Envoy: what is let through, and that ours lets through no more. */
@Tag("foreign")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SmugglingTest {
    private static final int TRIES = 3;

    @TempDir
    static Path folder;

    /** An attack and what became of it on both sides. */
    record Line(Attack attack, Smuggled ours, Smuggled original) {
        Relation relation() {
            var relation = ours.against(original, attack.http2());
            return relation == Relation.LAXER && Meant.of(attack.name()).isPresent() ? Relation.MEANT : relation;
        }

        /**
         * Whether all that differs is that one side has not closed yet, or that ours has not yet passed on what Envoy has. What ours
         * has let through beyond Envoy is never asked again: it may depend on how the bytes come, and once is too often.
         */
        boolean mayBeLate() {
            return !ours.letsMoreThrough(original)
                    && (relation() == Relation.LAXER
                            || (ours.closed() != original.closed()
                                    && ours.upstream().equals(original.upstream())));
        }

        String markdown() {
            return "| %s | %s | %s | %s |\n"
                    .formatted(
                            cell(attack.name()),
                            cell(original.words()),
                            relation() == Relation.EQUAL ? "the same" : cell(ours.words()),
                            relation().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        }

        @Override
        public String toString() {
            return attack.toString();
        }
    }

    List<Line> lines() throws Exception {
        var attacks = Stream.of(SmugglingCases.all(), SmugglingHttp2Cases.all())
                .flatMap(List::stream)
                .toList();
        var both = Pair.together(() -> Lanes.open(Side.OURS, folder), () -> Lanes.open(Side.ORIGINAL, folder));
        try (var ours = both.getKey();
                var original = both.getValue();
                var threads = Executors.newFixedThreadPool(Lanes.count())) {
            var asked = new ArrayList<Future<Line>>();
            attacks.forEach(attack -> asked.add(threads.submit(() -> ask(attack, ours, original))));
            var lines = new ArrayList<Line>();
            for (var line : asked) {
                lines.add(line.get());
            }
            write(lines);
            return lines;
        }
    }

    /** Asks again where one side may only have closed a moment too late. */
    private static Line ask(Attack attack, Lanes ours, Lanes original) throws Exception {
        Line line;
        int tries = 0;
        do {
            var both = Pair.together(() -> ours.ask(attack), () -> original.ask(attack));
            line = new Line(attack, both.getKey(), both.getValue());
        } while (line.mayBeLate() && ++tries < TRIES);
        return line;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lines")
    void oursLetsNoMoreThrough(Line line) {
        assertAll(
                () -> assertNotEquals(
                        Relation.LAXER, line.relation(), () -> line.ours + " where Envoy has " + line.original),
                () -> assertTrue(
                        line.ours.isHonest(line.attack.http2()),
                        () -> "more requests than answers: " + line.markdown()));
    }

    private static void write(List<Line> lines) throws IOException {
        assertEquals(
                List.of(),
                lines.stream()
                        .filter(line -> Meant.of(line.attack.name()).isPresent() && line.relation() != Relation.MEANT)
                        .toList(),
                "meant to differ and do not");
        if (lines.stream().anyMatch(line -> line.relation() == Relation.LAXER)) {
            return;
        }
        var text = new StringBuilder("%d cases, compared with Envoy 1.40.0: ".formatted(lines.size()));
        text.append("%d equal, %d refused in other words, %d stricter, %d different in a way that is meant.\n\n"
                .formatted(
                        count(lines, Relation.EQUAL),
                        count(lines, Relation.OTHER_WORDS),
                        count(lines, Relation.STRICTER),
                        count(lines, Relation.MEANT)));
        text.append("| what is meant | cases |\n|---|---|\n");
        for (var meant : Meant.values()) {
            text.append("| %s | %d |\n"
                    .formatted(
                            meant.reason(),
                            lines.stream()
                                    .filter(line -> line.relation() == Relation.MEANT
                                            && Meant.of(line.attack.name()).equals(Optional.of(meant)))
                                    .count()));
        }
        text.append('\n');
        text.append("| case | Envoy | ours | |\n|---|---|---|---|\n");
        lines.forEach(line -> text.append(line.markdown()));
        MeasuredPage.SMUGGLING.write("smuggling", text.toString());
    }

    private static long count(List<Line> lines, Relation relation) {
        return lines.stream().filter(line -> line.relation() == relation).count();
    }

    private static String cell(String text) {
        return Smuggled.shown(text).replace("|", "\\|").replace("<", "&lt;");
    }
}
