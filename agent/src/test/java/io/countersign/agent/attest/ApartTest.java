// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.agent.Eventually;
import io.countersign.rpc.Peer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

final class ApartTest {
    /** More than the largest number of a process, so that nothing else is found out about them. */
    private static final int NOBODY = 5_000_000;

    private static final Peer.LocalProcess HANGING = new Peer.LocalProcess(NOBODY, 4242, 4242, 1);
    private static final Peer.LocalProcess OTHER = new Peer.LocalProcess(NOBODY, 4243, 4243, 1);
    /** What one look at once comes to: two for the user, and two for where the process is. */
    private static final int MOST = 4;

    private final Apart apart = new Apart(1);
    private final ReentrantLock fileSystem = new ReentrantLock();

    /** As a read from a file system that hangs: nothing interrupts it. */
    private String read() {
        fileSystem.lock();
        try {
            return "read";
        } finally {
            fileSystem.unlock();
        }
    }

    private static <T> T ended(Future<T> look) throws Exception {
        return look.get(20, TimeUnit.SECONDS);
    }

    private void assertRefusedAtOnce() {
        var refused = assertThrows(ExecutionException.class, () -> ended(apart.submit(HANGING, this::read)));
        assertInstanceOf(IOException.class, refused.getCause());
    }

    @Test
    void whatDoesNotEndIsBoundedInNobodyElsesWayAndForgottenWhenItEnds() throws Exception {
        var looks = new ArrayList<Future<String>>();
        fileSystem.lock();
        try {
            for (int i = 0; i < MOST; i++) {
                looks.add(apart.submit(HANGING, this::read));
            }
            assertRefusedAtOnce();
            assertEquals("served", ended(apart.submit(OTHER, () -> "served")));
            // that nobody waits for it any more does not make it end
            looks.forEach(look -> look.cancel(true));
            assertRefusedAtOnce();
        } finally {
            fileSystem.unlock();
        }
        Eventually.holds(
                "it may look again",
                () -> ended(apart.submit(HANGING, this::read)).equals("read"));
    }

    @Test
    void noThreadIsTakenOfThoseThatServeCalls() throws Exception {
        assertFalse(ended(apart.submit(OTHER, () -> Thread.currentThread().isVirtual())));
    }
}
