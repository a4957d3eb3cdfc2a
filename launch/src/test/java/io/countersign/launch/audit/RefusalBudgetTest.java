// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Strangers cannot fill the disk. */
class RefusalBudgetTest {
    @Test
    void whatIsTooMuchInASecondIsCountedAndToldLater() {
        var budget = new RefusalBudget();
        for (int i = 0; i < RefusalBudget.PER_SECOND; i++) {
            assertEquals(OptionalLong.of(0), budget.take(7));
        }
        assertEquals(OptionalLong.empty(), budget.take(7));
        assertEquals(OptionalLong.empty(), budget.take(7));
        assertEquals(OptionalLong.of(2), budget.take(8));
        assertEquals(OptionalLong.of(0), budget.take(8));
    }
}
