// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.it.differential.sidecar.Smuggled.Attack;
import io.countersign.it.differential.sidecar.Smuggled.Relation;
import io.countersign.it.differential.sidecar.SmugglingTest.Line;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** When an attack is tried once more, and when what it has shown stands. */
class SmuggledTest {
    private static final Attack ATTACK = Attack.http1("of no name", "");

    private static Smuggled seen(boolean closed, String... requests) {
        return new Smuggled(
                List.of("200"),
                closed,
                Arrays.stream(requests)
                        .map(line -> new Witness.Request(line, new TreeSet<>(), "", new TreeSet<>()))
                        .toList());
    }

    private static Line line(Smuggled ours, Smuggled original) {
        return new Line(ATTACK, ours, original);
    }

    @Test
    void whatComesThroughBeyondTheOriginalStands() {
        for (var line : List.of(
                line(seen(true, "GET /"), seen(true)),
                line(seen(true, "GET /", "GET /admin"), seen(true, "GET /")),
                line(seen(true, "GET /admin"), seen(true, "GET /")))) {
            assertEquals(Relation.LAXER, line.relation());
            assertFalse(line.mayBeLate());
        }
    }

    @Test
    void whoHasNotClosedYetIsAskedAgain() {
        assertTrue(line(seen(false, "GET /"), seen(true, "GET /")).mayBeLate());
        assertTrue(line(seen(true, "GET /"), seen(false, "GET /")).mayBeLate());
        assertTrue(line(seen(false), seen(true, "GET /")).mayBeLate());
        assertFalse(line(seen(true), seen(true, "GET /")).mayBeLate());
    }
}
