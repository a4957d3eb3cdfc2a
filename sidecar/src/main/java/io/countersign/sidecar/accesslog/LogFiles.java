// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.accesslog;

import io.countersign.sidecar.bootstrap.AccessLog;
import io.countersign.sidecar.bootstrap.AccessLog.Target;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The open access logs, one writer for each file however many logs name it. Written at intervals, and at the end. */
public final class LogFiles implements AutoCloseable {
    private static final Duration LAST_LINES = Duration.ofSeconds(1);

    private final Map<Target, LogWriter> writers = new HashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Duration interval;

    public LogFiles(Duration interval) {
        this.interval = interval;
    }

    /** @throws IOException if a file cannot be opened for appending */
    public synchronized AccessLogs open(List<AccessLog> logs) throws IOException {
        var sinks = new ArrayList<AccessLogs.Sink>();
        for (var log : logs) {
            var writer = writers.get(log.target());
            if (writer == null) {
                writer = writer(log.target());
                writers.put(log.target(), writer);
            }
            sinks.add(new AccessLogs.Sink(log.filter(), log.format(), writer));
        }
        return new AccessLogs(sinks);
    }

    private static LogWriter writer(Target target) throws IOException {
        return switch (target) {
            case Target.ToFile(Path path) -> new LogWriter(new FileOutputStream(path.toFile(), true), path.toString());
            case Target.ToStandardOut() -> new LogWriter(new FileOutputStream(FileDescriptor.out), "standard output");
            case Target.ToStandardError() -> new LogWriter(new FileOutputStream(FileDescriptor.err), "standard error");
        };
    }

    public void start() {
        Thread.ofVirtual().name("access logs").start(() -> {
            try {
                while (!closed.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                    all().forEach(LogWriter::startFlush);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private synchronized List<LogWriter> all() {
        return List.copyOf(writers.values());
    }

    @Override
    public void close() {
        closed.countDown();
        for (var writer : all()) {
            writer.finish(LAST_LINES);
        }
    }
}
