// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real processes, of one control group. */
class SharesTest {
    private static final int USER = 4711;

    private final List<Process> children = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        for (int i = 0; i < 2; i++) {
            children.add(new ProcessBuilder("cat").start());
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (var child : children) {
            child.destroyForcibly().waitFor();
        }
    }

    private int pid(int child) {
        return Math.toIntExact(children.get(child).pid());
    }

    @Test
    void manyProcessesHaveNoMoreThanTheirOriginHas() {
        var shares = Shares.fourTimes(3);
        var held = new ArrayList<Runnable>();
        for (int i = 0; i < 12; i++) {
            held.add(shares.take(pid(i % 2), USER).orElseThrow());
        }
        assertTrue(shares.take(pid(0), USER).isEmpty());
        assertTrue(shares.take(pid(1), USER).isEmpty());
        assertTrue(shares.take(pid(0), USER + 1).isPresent(), "another user has his own");

        held.getLast().run();
        assertTrue(shares.take(pid(1), USER).isPresent());
        assertTrue(shares.take(pid(1), USER).isEmpty());
    }

    @Test
    void whatIsGivenBackCanBeTakenAgain() {
        var shares = new Shares(1, 0);
        for (int i = 0; i < 1_000; i++) {
            var share = shares.take(pid(0), USER);
            assertTrue(share.isPresent());
            assertTrue(shares.take(pid(0), USER).isEmpty());
            share.orElseThrow().run();
        }
    }

    @Test
    void noLimitStaysNone() {
        var shares = Shares.fourTimes(Integer.MAX_VALUE);
        assertTrue(shares.take(pid(0), USER).isPresent());
        assertTrue(shares.take(pid(0), USER).isPresent());
    }
}
