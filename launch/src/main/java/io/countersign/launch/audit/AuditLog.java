// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.audit;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes records, one thread for all who wait: what comes while the disk is busy is written together afterwards, so that a
 * hundred signatures cost one visit to the disk. Thread-safe.
 */
public final class AuditLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AuditLog.class);
    private static final int MOST_AT_ONCE = 1024;

    private record Waiting(List<String> lines, CompletableFuture<Void> written) {}

    private final AuditFile file;
    private final InstantSource clock;
    private final LinkedBlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
    private final Thread writer = Thread.ofPlatform().name("audit").daemon().unstarted(this::write);
    private final Waiting end;
    private boolean closed;

    private AuditLog(AuditFile file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
        this.end = new Waiting(List.of(), new CompletableFuture<>());
    }

    /**
     * Goes on with the file where it ended, and says in it what had to be repaired.
     *
     * @throws IOException if it cannot be written, somebody else writes it, or its last line is not intact
     */
    public static AuditLog open(AuditSettings settings, InstantSource clock) throws IOException {
        return open(AuditFile.open(settings), clock);
    }

    static AuditLog open(AuditFile file, InstantSource clock) throws IOException {
        var audit = new AuditLog(file, clock);
        try {
            audit.begin();
        } catch (IOException e) {
            file.close();
            throw e;
        }
        return audit;
    }

    private void begin() throws IOException {
        var head = file.last();
        var about = new TreeMap<String, String>();
        file.torn().ifPresent(torn -> {
            log.atWarn()
                    .addKeyValue("bytes", torn.bytes())
                    .addKeyValue("sha256", torn.sha256())
                    .log("the audit file ended in the middle of a line, which nobody was answered for; it is removed");
            about.put("torn_bytes_removed", Integer.toString(torn.bytes()));
            about.put("torn_sha256", torn.sha256());
        });
        file.append(List.of(line("audit.open", about)));
        log.atInfo()
                .addKeyValue("seq", head.number())
                .addKeyValue("hash", head.hash())
                .log("the audit file is continued behind this line");
        writer.start();
    }

    private String line(String event, Map<String, String> about) {
        return new AuditRecord(clock.instant(), event, "OK", "", Map.of(), about).members();
    }

    /**
     * Returns when the records are written.
     *
     * @throws IOException if they are not, none of them
     */
    public void append(List<AuditRecord> records) throws IOException {
        if (records.isEmpty()) {
            return;
        }
        var waiting = new Waiting(records.stream().map(AuditRecord::members).toList(), new CompletableFuture<>());
        enqueue(waiting);
        try {
            waiting.written().get();
        } catch (ExecutionException e) {
            throw new IOException("audit file cannot be written: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the audit file is written", e);
        }
    }

    /** Nothing comes behind the end, where nobody would take it. */
    private synchronized void enqueue(Waiting waiting) throws IOException {
        if (closed) {
            throw new IOException("the audit file is closed");
        }
        queue.add(waiting);
    }

    private void write() {
        var batch = new ArrayList<Waiting>();
        try {
            while (!batch.contains(end)) {
                batch.clear();
                batch.add(queue.take());
                queue.drainTo(batch, MOST_AT_ONCE - 1);
                write(batch);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("the audit thread is interrupted by nobody", e);
        }
    }

    private void write(List<Waiting> batch) {
        try {
            file.append(batch.stream().flatMap(each -> each.lines().stream()).toList());
            batch.forEach(each -> each.written().complete(null));
        } catch (IOException | RuntimeException | Error e) {
            log.atError().setCause(e).log("the audit file cannot be written: nothing is given or changed without it");
            batch.forEach(each -> each.written().completeExceptionally(e));
        }
    }

    /** Writes what waits, and a last line. */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            queue.add(new Waiting(List.of(line("audit.close", Map.of())), new CompletableFuture<>()));
            queue.add(end);
        }
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            file.close();
        }
        log.atInfo()
                .addKeyValue("seq", file.last().number())
                .addKeyValue("hash", file.last().hash())
                .log("the audit file ends with this line");
    }
}
