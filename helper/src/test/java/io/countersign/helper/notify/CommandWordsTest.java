// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CommandWordsTest {
    @Test
    void wordsAreSplitAsTheOriginalSplitsThem() {
        assertEquals(List.of(), CommandWords.split(""));
        assertEquals(List.of("a", "b"), CommandWords.split("a b"));
        assertEquals(List.of("a", "", "b"), CommandWords.split("a  b"));
        assertEquals(List.of("a", ""), CommandWords.split("a "));
        assertEquals(List.of("", "a"), CommandWords.split(" a"));
        assertEquals(List.of("-c", "echo hi", "x"), CommandWords.split("-c \"echo hi\" x"));
        assertEquals(List.of("say \"hi\""), CommandWords.split("\"say \"\"hi\"\"\""));
        assertEquals(List.of("", "x"), CommandWords.split("\"\" x"));
        assertEquals(List.of("it's", "a\\b"), CommandWords.split("it's a\\b"));
        assertEquals(List.of("a"), CommandWords.split("a\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\"b", "\"a", "\"a\"b", "\"", "a\nb"})
    void quoteThatMeansNothingIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> CommandWords.split(text));
    }
}
