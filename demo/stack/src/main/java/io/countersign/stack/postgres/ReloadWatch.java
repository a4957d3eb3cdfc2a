// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.postgres;

import io.countersign.stack.Progress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Confirms each renewal of PostgreSQL's certificate by a handshake, and says so if the server keeps the old one. On one
 * virtual thread, until closed.
 */
public final class ReloadWatch implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final PostgresProbe probe;
    private final Progress progress;
    private final Thread thread;

    public ReloadWatch(PostgresProbe probe, Progress progress) {
        this.probe = probe;
        this.progress = progress;
        this.thread = Thread.ofVirtual().name("reload watch").start(this::run);
    }

    private void run() {
        var confirmed = probe.written();
        var since = Instant.MAX;
        try {
            while (true) {
                Thread.sleep(INTERVAL);
                var written = probe.written();
                if (written.isEmpty() || written.equals(confirmed)) {
                    continue;
                }
                if (probe.servesNewest()) {
                    confirmed = probe.written();
                    since = Instant.MAX;
                    progress.note("PostgreSQL serves its renewed certificate " + serial(confirmed));
                } else if (since.equals(Instant.MAX)) {
                    since = Instant.now();
                } else if (Instant.now().isAfter(since.plus(PATIENCE))) {
                    since = Instant.now();
                    progress.note("PostgreSQL does not serve its renewed certificate " + serial(written) + " yet");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String serial(Optional<X509Certificate> certificate) {
        return certificate.map(leaf -> leaf.getSerialNumber().toString(16)).orElse("");
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
