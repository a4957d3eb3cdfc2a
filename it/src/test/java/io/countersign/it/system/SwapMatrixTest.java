// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.it.differential.MeasuredPage;
import io.countersign.it.process.Await;
import io.countersign.it.process.Programs;
import io.countersign.it.process.Side;
import io.countersign.it.process.Side.Part;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every combination of our parts and the originals, each through its whole life. The run writes down what it has seen. */
@Tag("foreign")
@Tag("long")
class SwapMatrixTest {
    private static final int CALLS_A_SECOND = 10;
    private static final int SIGHTINGS = 4;
    /** Renewed at half of that, which leaves a killed agent the other half to come back; SPIRE's looks every 5 seconds. */
    private static final String LIFE = "45s";

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final List<Combination> ALL = Combination.all();

    private static final Map<Combination, String> ROWS = new HashMap<>();
    private static final Set<String> VERSIONS = new TreeSet<>();

    /** Who stands where. */
    record Combination(Map<Part, Side> sides) {
        Combination {
            sides = Collections.unmodifiableMap(new EnumMap<>(sides));
        }

        /** All there are, from all of ours to all originals. */
        static List<Combination> all() {
            var all = List.of(Map.<Part, Side>of());
            for (var part : Part.values()) {
                all = all.stream()
                        .flatMap(some -> Arrays.stream(Side.values()).map(side -> {
                            var more = new EnumMap<Part, Side>(Part.class);
                            more.putAll(some);
                            more.put(part, side);
                            return (Map<Part, Side>) more;
                        }))
                        .toList();
            }
            return all.stream().map(Combination::new).toList();
        }

        String[] flags() {
            var use = sides.entrySet().stream()
                    .filter(part -> part.getValue() == Side.ORIGINAL)
                    .map(Map.Entry::getKey)
                    .map(part -> part.ours() + "=" + Programs.foreign(part.original()))
                    .collect(Collectors.joining(","));
            var flags = new ArrayList<>(List.of("--svid-ttl", LIFE));
            if (!use.isEmpty()) {
                flags.addAll(List.of("--use", use));
            }
            return flags.toArray(String[]::new);
        }

        String cells() {
            return sides.entrySet().stream()
                    .map(part -> part.getValue() == Side.OURS
                            ? "ours"
                            : "**" + part.getKey().original() + "**")
                    .collect(Collectors.joining(" | "));
        }

        @Override
        public String toString() {
            return sides.entrySet().stream()
                    .map(part -> part.getValue() == Side.OURS
                            ? part.getKey().ours()
                            : part.getKey().original())
                    .collect(Collectors.joining(", "));
        }
    }

    static List<Combination> combinations() {
        return ALL;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("combinations")
    void theWholeSystemLives(Combination combination) throws Exception {
        try (var system = RunningSystem.start(combination.flags())) {
            var demo = system.demo();
            Judge.assertProven(demo);
            Judge.assertRefused(system.breakIns());
            combination.sides().forEach((part, side) -> {
                var standing = Judge.standing(demo, part.ours());
                assertEquals(side == Side.OURS, standing.startsWith("countersign "), standing);
                VERSIONS.add(standing);
            });
            var load = Load.start(system, CALLS_A_SECOND);
            try (load) {
                awaitNewCertificates(load, "under load");
                kill(system, "node agent", "agent");
                kill(system, "identity server", "server");
                awaitNewCertificates(load, "after agent and server were killed");
            }
            Judge.assertProven(system.demo());
            var failures = load.failures();
            assertEquals(List.of(), failures.stream().limit(3).toList(), failures.size() + " of " + load.calls());
            assertEquals(0, system.stop());
            ROWS.put(
                    combination,
                    "| %s | proven | 4 refused | %d calls, none failed | survived | survived |"
                            .formatted(combination.cells(), load.calls()));
        }
    }

    /** It comes back by itself. */
    private static void kill(RunningSystem system, String words, String part) throws Exception {
        var killed = system.part(part);
        killed.destroyForcibly();
        killed.onExit().get();
        Await.until(PATIENCE, words + " does not come back", () -> system.log().contains(words + " is ready again"));
    }

    private static void awaitNewCertificates(Load load, String when) {
        var before = load.serials();
        Await.until(PATIENCE, "no new certificate everywhere, " + when + ": " + before, () -> {
            var now = load.serials();
            return now.size() == SIGHTINGS
                    && now.entrySet().stream()
                            .allMatch(seen -> seen.getValue() > before.getOrDefault(seen.getKey(), 1));
        });
    }

    @AfterAll
    static void writeDown() throws Exception {
        var heads = Arrays.stream(Part.values()).map(Part::ours).collect(Collectors.joining(" | "));
        var rows = ALL.stream().filter(ROWS::containsKey).map(ROWS::get).collect(Collectors.joining("\n"));
        var table =
                "| %s | both patterns, evidence | break-ins | rotation under load | agent killed | server killed |\n%s\n%s\n"
                        .formatted(heads, "|---".repeat(Part.values().length + 5) + "|", rows);
        System.out.println("\n" + ROWS.size() + " of " + ALL.size() + " combinations live\n\n" + table);
        if (ROWS.size() == ALL.size()) {
            MeasuredPage.COMPATIBILITY.write(
                    "matrix",
                    "Seen on %s with %s.\n\n%s"
                            .formatted(LocalDate.now(ZoneOffset.UTC), String.join(", ", VERSIONS), table));
        }
    }
}
