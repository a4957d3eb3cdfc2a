// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TemplateTest {
    @Test
    void placesAreFilledWithWhateverTheValuesHold() {
        var values = Map.of("ROLE", "a$1\\b");
        assertEquals(
                "svid   /^.*$   a$1\\b",
                Template.fill("sql/pg_ident.conf", values).lines().toList().getLast());
    }

    @Test
    void aPlaceWithoutAValueIsNamed() {
        var failure = assertThrows(IllegalStateException.class, () -> Template.fill("sql/pg_ident.conf", Map.of()));
        assertEquals("sql/pg_ident.conf has the place @ROLE@ and no value came for it", failure.getMessage());
    }
}
