// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.rpc.BoundedLog.Telling;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class BoundedLogTest {
    @Test
    void thereAreSoManyLinesAMinuteAndThenTheNumberOfTheOthers() {
        var now = new AtomicLong();
        var log = new BoundedLog(LoggerFactory.getLogger(BoundedLogTest.class), "things", now::get);
        for (int i = 0; i < 20; i++) {
            assertEquals(new Telling(true, 0), log.take());
        }
        for (int i = 0; i < 5; i++) {
            assertEquals(new Telling(false, 0), log.take());
        }
        now.addAndGet(TimeUnit.MINUTES.toNanos(1));
        assertEquals(new Telling(true, 5), log.take());
        assertEquals(new Telling(true, 0), log.take());
    }

    @Test
    void whatAStrangerHasChosenIsShortAndOneLine() {
        assertEquals("a 2026 b", BoundedLog.shortened("a\n2026\u001bb"));
        assertEquals("x".repeat(200), BoundedLog.shortened("x".repeat(200)));
        assertEquals("x".repeat(200) + "…", BoundedLog.shortened("x".repeat(100_000)));
    }
}
