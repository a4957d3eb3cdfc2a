// SPDX-License-Identifier: Apache-2.0
package io.countersign.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page of settings has every key that the readers of configuration files refuse by name. */
class RefusedSettingsTest {
    private static final Pattern KEY = Pattern.compile("\\.refuse\\(\\s*\"(\\w+)\"");
    /** Keys that are refused one after the other, and the lists that hold them. */
    private static final Pattern KEYS = Pattern.compile("List\\.of\\(((?:\\s*\"\\w+\",?)+)\\s*\\)");

    private static final Pattern WORD = Pattern.compile("\"(\\w+)\"");
    private static final Pattern REFUSED_IN_TURN = Pattern.compile("\\.refuse\\(\\s*[a-z]\\w*\\s*,");

    private static String page() throws IOException {
        return Files.readString(Path.of("../docs/operate/supported-settings.md"));
    }

    private static List<String> sources(String folder) throws IOException {
        try (var files = Files.list(Path.of("..").resolve(folder))) {
            var texts = files.filter(file -> file.toString().endsWith(".java"))
                    .map(RefusedSettingsTest::text)
                    .toList();
            assertTrue(!texts.isEmpty(), folder);
            return texts;
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(file + " cannot be read", e);
        }
    }

    private static Stream<String> words(Pattern pattern, String text) {
        return pattern.matcher(text).results().map((MatchResult found) -> found.group(1));
    }

    private static Stream<String> refused(String source) {
        var inTurn = REFUSED_IN_TURN.matcher(source).find()
                ? words(KEYS, source).flatMap(list -> words(WORD, list))
                : Stream.<String>empty();
        return Stream.concat(words(KEY, source), inTurn);
    }

    @ParameterizedTest
    @CsvSource({
        "server/src/main/java/io/countersign/server/config",
        "agent/src/main/java/io/countersign/agent/config",
        "helper/src/main/java/io/countersign/helper/config",
        "oidc/src/main/java/io/countersign/oidc/config",
        "sidecar/src/main/java/io/countersign/sidecar/bootstrap",
        "launch/src/main/java/io/countersign/launch/metrics"
    })
    void everyKeyThatIsRefusedIsOnThePage(String folder) throws Exception {
        var page = page();
        var missing = new TreeSet<String>();
        for (var source : sources(folder)) {
            refused(source).filter(key -> !page.contains("`" + key + "`")).forEach(missing::add);
        }
        assertEquals(Set.of(), missing);
    }

    @Test
    void keysOfListsAreFound() {
        var source = """
                private static final List<String> UNSUPPORTED = List.of(
                        "one",
                        "two");
                void read() {
                    UNSUPPORTED.forEach(key -> server.refuse(key, NOT_SUPPORTED));
                    block.refuse(
                            "three", "remove it");
                }
                """;
        assertEquals(
                Set.of("one", "two", "three"), new TreeSet<>(refused(source).toList()));
    }
}
