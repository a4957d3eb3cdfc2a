// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class QuietTest {
    private static final long NOTHING = -1;
    private static final Duration HOUR = Duration.ofHours(1);

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final AtomicInteger told = new AtomicInteger();

    /** Its own method ends all timers, whoever has set them. */
    private void close() {
        var _ = channel.pipeline().close();
    }

    @Test
    void closedConnectionLeavesNoTimer() {
        var quiet = Quiet.watch(channel, HOUR, told::incrementAndGet);
        quiet.touch();
        WhileOpen.after(channel, HOUR, told::incrementAndGet);
        assertTrue(channel.runScheduledPendingTasks() > 0);

        close();

        assertEquals(NOTHING, channel.runScheduledPendingTasks());
        assertEquals(0, told.get());
    }

    @Test
    void quietIsToldAsOftenAsItIs() {
        var _ = Quiet.watch(channel, Duration.ofMillis(1), told::incrementAndGet);
        while (told.get() < 3) {
            channel.runScheduledPendingTasks();
        }
        close();
        assertEquals(NOTHING, channel.runScheduledPendingTasks());
    }

    @Test
    void whatEndsItWhenToldIsNotToldAgain() {
        var _ = Quiet.watch(channel, Duration.ofMillis(1), () -> {
            told.incrementAndGet();
            close();
        });
        while (channel.runScheduledPendingTasks() != NOTHING) {
            Thread.onSpinWait();
        }
        assertEquals(1, told.get());
    }

    @Test
    void noLimitIsNoTimer() {
        Quiet.watch(channel, Duration.ZERO, told::incrementAndGet).touch();
        assertEquals(NOTHING, channel.runScheduledPendingTasks());
    }
}
