// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class BoundedLogTest {
    @Test
    void whatAStrangerHasChosenIsShortAndOneLine() {
        assertEquals("a 2026 b", BoundedLog.shortened("a\n2026\u001bb"));
        assertEquals("x".repeat(200), BoundedLog.shortened("x".repeat(200)));
        assertEquals("x".repeat(200) + "…", BoundedLog.shortened("x".repeat(100_000)));
    }
}
