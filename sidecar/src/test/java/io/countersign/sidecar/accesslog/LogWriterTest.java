// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogWriterTest {
    private static final String LINE = "x".repeat(1023) + "\n";

    private final Stuck file = new Stuck();
    private final LogWriter writer = new LogWriter(file, "a file");

    /** Takes nothing until it is let go, as a pipe that nobody reads. */
    private static final class Stuck extends OutputStream {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch letGo = new CountDownLatch(1);
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

        @Override
        public void write(int one) {
            throw new IllegalStateException("lines are written in lumps");
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            begun.countDown();
            try {
                letGo.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            taken.write(bytes, offset, length);
        }
    }

    @Test
    void keepsSomeMegabytesOfWhatAFileDoesNotTakeAndNoMore() throws InterruptedException {
        writer.write(LINE);
        writer.startFlush();
        file.begun.await();
        for (int i = 0; i < 5 * 1024; i++) {
            writer.write(LINE);
        }
        file.letGo.countDown();
        writer.finish(Duration.ofSeconds(30));
        assertEquals(LINE.length() + 4 * 1024 * 1024, file.taken.size());
    }

    @Test
    void losesNothingThatAFileTakes() throws InterruptedException {
        file.letGo.countDown();
        for (int i = 0; i < 1_000; i++) {
            writer.write(i + "\n" + LINE);
        }
        writer.finish(Duration.ofSeconds(30));
        assertEquals(
                IntStream.range(0, 1_000).mapToObj(String::valueOf).toList(),
                file.taken
                        .toString(StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> !line.startsWith("x"))
                        .toList());
    }

    @Test
    void endsAlthoughTheFileTakesNothing() throws InterruptedException {
        writer.write(LINE);
        writer.startFlush();
        file.begun.await();
        writer.finish(Duration.ofMillis(1));
        assertEquals(0, file.taken.size());
        file.letGo.countDown();
    }
}
