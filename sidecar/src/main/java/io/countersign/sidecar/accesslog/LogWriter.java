// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.accesslog;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects lines and writes them in lumps, so that a request does not wait for a disk. Thread-safe. */
final class LogWriter {
    private static final Logger log = LoggerFactory.getLogger(LogWriter.class);
    private static final int LUMP = 64 * 1024;

    private final OutputStream out;
    private final String name;
    private ByteArrayOutputStream pending = new ByteArrayOutputStream();

    LogWriter(OutputStream out, String name) {
        this.out = out;
        this.name = name;
    }

    void write(String line) {
        boolean full;
        synchronized (this) {
            pending.writeBytes(line.getBytes(StandardCharsets.UTF_8));
            full = pending.size() >= LUMP;
        }
        if (full) {
            Thread.ofVirtual().start(this::flush);
        }
    }

    void flush() {
        byte[] lump;
        synchronized (this) {
            lump = pending.toByteArray();
            pending = new ByteArrayOutputStream();
        }
        if (lump.length == 0) {
            return;
        }
        try {
            synchronized (out) {
                out.write(lump);
                out.flush();
            }
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("log", name)
                    .addKeyValue("lost_bytes", lump.length)
                    .addKeyValue("reason", e.getMessage())
                    .log("cannot write the access log");
        }
    }
}
