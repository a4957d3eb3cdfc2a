// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.sidecar.bootstrap.HttpConnections.Timeouts;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HeadBlockClockTest {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int CONTINUATION = 9;
    private static final int END_HEADERS = 4;
    private static final long LIMIT_MILLIS = 1000;

    private final AtomicInteger late = new AtomicInteger();
    private final EmbeddedChannel channel = new EmbeddedChannel(new HeadBlockClock(
            new Timeouts(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ofMillis(LIMIT_MILLIS)),
            late::incrementAndGet));

    @BeforeEach
    void begin() {
        channel.freezeTime();
        come("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] frame(int type, int flags, int length) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[] {0, (byte) (length >> 8), (byte) length, (byte) type, (byte) flags, 0, 0, 0, 1});
        bytes.writeBytes(new byte[length]);
        return bytes.toByteArray();
    }

    private void come(byte... bytes) {
        channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    }

    private void pass(long millis) {
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void headThatIsWholeIsNotWaitedFor() {
        for (byte one : frame(SETTINGS, 0, 12)) {
            come(one);
        }
        for (byte one : frame(HEADERS, 0, 20)) {
            come(one);
        }
        for (byte one : frame(CONTINUATION, END_HEADERS, 20)) {
            come(one);
        }

        pass(LIMIT_MILLIS);

        assertEquals(0, late.get());
    }

    @Test
    void headWithoutItsLastPieceIsLate() {
        come(frame(HEADERS, 0, 300));
        pass(LIMIT_MILLIS - 1);
        come(frame(CONTINUATION, 0, 1));
        assertEquals(0, late.get());

        pass(1);

        assertEquals(1, late.get());
    }

    @Test
    void bodyMayTakeAsLongAsItLikes() {
        var data = frame(DATA, 0, 100);
        for (int i = 0; i < 50; i++) {
            come(data[i]);
        }

        pass(2 * LIMIT_MILLIS);

        assertEquals(0, late.get());
    }

    @Test
    void everyHeadHasItsOwnTime() {
        var heads = new ByteArrayOutputStream();
        heads.writeBytes(frame(HEADERS, END_HEADERS, 20));
        heads.writeBytes(frame(HEADERS, END_HEADERS, 20));
        var both = heads.toByteArray();
        int middle = both.length / 2;
        come(Arrays.copyOfRange(both, 0, middle + 10));
        for (int i = 0; i < 5; i++) {
            pass(LIMIT_MILLIS / 2);
            come(Arrays.copyOfRange(both, middle + 10, both.length));
            come(Arrays.copyOfRange(both, 0, middle + 10));
        }

        assertEquals(0, late.get());
    }
}
