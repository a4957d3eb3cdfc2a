// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ExcerptTest {
    @Test
    void aLongTextIsCutAndSaysHowLongItWas() {
        assertEquals("abcd", Excerpt.of("abcd", 4));
        assertEquals("abcd…(5)", Excerpt.of("abcde", 4));
        assertEquals("", Excerpt.of("", 4));
    }

    @Test
    void aCharacterOfTwoHalvesStaysWholeOrIsLeftOut() {
        assertEquals("abc…(5)", Excerpt.of("abc😀", 4));
        assertEquals("abc😀", Excerpt.of("abc😀", 5));
    }
}
