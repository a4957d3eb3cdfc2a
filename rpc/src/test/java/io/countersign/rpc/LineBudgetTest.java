// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.rpc.LineBudget.Telling;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LineBudgetTest {
    @Test
    void thereAreSoManyLinesAMinuteAndThenTheNumberOfTheOthers() {
        var now = new AtomicLong();
        var budget = new LineBudget(now::get);
        for (int i = 0; i < 20; i++) {
            assertEquals(new Telling(true, 0), budget.take());
        }
        for (int i = 0; i < 5; i++) {
            assertEquals(new Telling(false, 0), budget.take());
        }
        now.addAndGet(TimeUnit.MINUTES.toNanos(1));
        assertEquals(new Telling(true, 5), budget.take());
        assertEquals(new Telling(true, 0), budget.take());
    }
}
