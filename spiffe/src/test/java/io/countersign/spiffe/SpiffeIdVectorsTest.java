// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SPIFFE-ID section 2 on every vector of spiffe-ids.txt, and the properties that no list of examples can show. */
class SpiffeIdVectorsTest {
    private static final Pattern LINE = Pattern.compile("(\\S+) ([AR]) \"(.*)\"");
    private static final Pattern CODE_POINT = Pattern.compile("\\{U\\+([0-9A-F]{4})}");
    private static final Pattern REPETITION = Pattern.compile("\\{a\\*(\\d+)}");
    private static final String NAME = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
    private static final String PATH = NAME + "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    static Stream<Arguments> vectors() {
        return lines().filter(line -> !line.startsWith("#")).map(line -> {
            var vector = LINE.matcher(line);
            assertTrue(vector.matches(), () -> "not a vector: " + line);
            return arguments(vector.group(1), vector.group(2).equals("A"), text(vector.group(3)));
        });
    }

    private static Stream<String> lines() {
        try (var in = SpiffeIdVectorsTest.class.getResourceAsStream("spiffe-ids.txt")) {
            return in == null
                    ? fail("spiffe-ids.txt is missing")
                    : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(String written) {
        var characters = CODE_POINT
                .matcher(written)
                .replaceAll(match -> Character.toString(Integer.parseInt(match.group(1), 16)));
        return REPETITION.matcher(characters).replaceAll(match -> "a".repeat(Integer.parseInt(match.group(1))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void theVectorIsJudgedAsTheStandardSays(String number, boolean accepted, String text) {
        if (accepted) {
            assertEquals(text, SpiffeId.parse(text).toString(), number);
        } else {
            assertThrows(InvalidSpiffeIdException.class, () -> SpiffeId.parse(text), number);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void printingAndReadingIsTheIdentity(String number, boolean accepted, String text) {
        if (accepted) {
            var id = SpiffeId.parse(text);
            assertEquals(id, SpiffeId.parse(id.toString()), number);
            assertEquals(id.hashCode(), SpiffeId.parse(id.toString()).hashCode(), number);
        }
    }

    /** In each place of a name and of a path, each character of the first 256 and nothing beyond the grammar's. */
    @ParameterizedTest
    @ValueSource(strings = {"spiffe://?d/x", "spiffe://t?d/x", "spiffe://t?/x"})
    void aNameHoldsTheseCharactersAndNoOther(String pattern) {
        sweep(pattern, NAME, "/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"spiffe://td/?x", "spiffe://td/a?x", "spiffe://td/ab?"})
    void aPathHoldsTheseCharactersAndNoOther(String pattern) {
        sweep(pattern, PATH, "/");
    }

    /** A character of {@code structure} changes what the pattern is made of, which the vectors judge. */
    private static void sweep(String pattern, String allowed, String structure) {
        IntStream.range(0, 256).mapToObj(Character::toString).forEach(character -> {
            var text = pattern.replace("?", character);
            if (allowed.contains(character)) {
                assertEquals(text, SpiffeId.parse(text).toString());
            } else if (!structure.contains(character)) {
                assertThrows(InvalidSpiffeIdException.class, () -> SpiffeId.parse(text), text);
            }
        });
    }

    @Test
    void membershipComparesWholeNames() {
        var id = SpiffeId.parse("spiffe://example.org.evil/a");

        assertFalse(id.isMemberOf(new TrustDomain("example.org")));
        assertTrue(id.isMemberOf(new TrustDomain("example.org.evil")));
    }

    @Test
    void aHugeTextIsRefusedWithoutBeingRepeated() {
        var huge = "spiffe://example.org/" + "a".repeat(10_000_000);

        var refusal = assertThrows(InvalidSpiffeIdException.class, () -> SpiffeId.parse(huge));

        assertTrue(String.valueOf(refusal.getMessage()).length() < 1000, "the error repeats the text");
    }

    @Test
    void theLocaleOfTheMachineChangesNothing() {
        var before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("tr"));
        try {
            assertEquals("/I", SpiffeId.parse("spiffe://id.org/I").path());
            assertThrows(InvalidSpiffeIdException.class, () -> SpiffeId.parse("SPIFFE://id.org/I"));
        } finally {
            Locale.setDefault(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.org", "spiffe://example.org"})
    void aTrustDomainIsANameOrAnIdWithoutAPath(String text) {
        assertEquals(new TrustDomain("example.org"), TrustDomain.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"spiffe://example.org/", "spiffe://example.org/a", "Example.org", "", "example.org:1"})
    void nothingElseIsATrustDomain(String text) {
        assertThrows(InvalidSpiffeIdException.class, () -> TrustDomain.parse(text));
    }
}
