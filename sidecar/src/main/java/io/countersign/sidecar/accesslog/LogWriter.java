// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.accesslog;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects lines and writes them in lumps, so that a request does not wait for a disk. Where the file takes none for a while,
 * as a pipe does that nobody reads, some megabytes are kept and what comes after them is lost. Thread-safe.
 */
final class LogWriter {
    private static final Logger log = LoggerFactory.getLogger(LogWriter.class);
    private static final int LUMP = 64 * 1024;
    private static final int MOST = 4 * 1024 * 1024;

    private final OutputStream out;
    private final String name;
    /** Held by whoever writes: lumps go out one after the other. */
    private final ReentrantLock writing = new ReentrantLock();

    private ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private long lost;

    private record Lump(ByteArrayOutputStream lines, long lost) {}

    LogWriter(OutputStream out, String name) {
        this.out = out;
        this.name = name;
    }

    void write(String line) {
        if (isLump(line.getBytes(StandardCharsets.UTF_8))) {
            startFlush();
        }
    }

    /** Keeps the line; whether there is enough now, and nobody who writes. */
    private synchronized boolean isLump(byte[] line) {
        if (pending.size() >= MOST) {
            lost++;
            return false;
        }
        pending.writeBytes(line);
        return pending.size() >= LUMP && !writing.isLocked();
    }

    /** Writes what there is, on a thread of its own, unless somebody does. */
    void startFlush() {
        Thread.ofVirtual().name("access log").start(() -> {
            if (writing.tryLock()) {
                flush();
            }
        });
    }

    /** Writes what there is; gives up when whoever writes does not come to an end in that time. */
    void finish(Duration atMost) {
        try {
            if (writing.tryLock(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                flush();
            } else {
                log.atWarn().addKeyValue("log", name).log("the access log takes nothing; its last lines are lost");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Lump take() {
        var lump = new Lump(pending, lost);
        pending = new ByteArrayOutputStream();
        lost = 0;
        return lump;
    }

    private void flush() {
        try {
            var lump = take();
            if (lump.lost() > 0) {
                log.atWarn()
                        .addKeyValue("log", name)
                        .addKeyValue("lost_lines", lump.lost())
                        .log("the access log was not written as fast as requests came");
            }
            write(lump.lines());
        } finally {
            writing.unlock();
        }
    }

    private void write(ByteArrayOutputStream lines) {
        if (lines.size() == 0) {
            return;
        }
        try {
            lines.writeTo(out);
            out.flush();
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("log", name)
                    .addKeyValue("lost_bytes", lines.size())
                    .addKeyValue("reason", e.getMessage())
                    .log("cannot write the access log");
        }
    }
}
