// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.it.process.Outcome;
import io.countersign.it.process.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Java makes of the options with which the distribution starts its programs. */
class JavaOptionsTest {
    private static final Path OPTIONS =
            Programs.COUNTERSIGN.resolveSibling("../options").normalize();

    /** Commands end anyway, and what starts all the others has to stop them. */
    static List<String> daemons() throws IOException {
        try (var files = Files.list(OPTIONS)) {
            return files.map(each -> String.valueOf(each.getFileName()))
                    .filter(name -> !name.endsWith("-command") && !name.equals("stack"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("daemons")
    void programWithoutMemoryEnds(String program) throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();

        var outcome =
                Outcome.of(Map.of(), List.of(java, "@" + OPTIONS.resolve(program), "-XX:+PrintFlagsFinal", "-version"));

        assertTrue(
                outcome.out().lines().anyMatch(line -> line.matches("\\s*bool ExitOnOutOfMemoryError\\s+= true\\b.*")),
                outcome::err);
    }
}
