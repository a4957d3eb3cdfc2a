// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.notify;

import io.countersign.helper.follow.Pauses;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells others that the X.509 files are new. What fails is logged and keeps nobody from the files. {@link #renewed} is for
 * one thread; the process of a pid file, which may not be up yet, is tried on another so that no renewal waits for it.
 */
public final class Notifier implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Notifier.class);
    private static final int TRIES = 10;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final Optional<ManagedCommand> command;
    private final Optional<PidFile> pidFile;
    private Thread sending = Thread.ofVirtual().unstarted(() -> {});

    public Notifier(Notification whom) {
        this.command = whom.command().isEmpty()
                ? Optional.empty()
                : Optional.of(new ManagedCommand(whom.command(), whom.signal()));
        this.pidFile = whom.pidFile().flatMap(file -> whom.signal().map(signal -> new PidFile(file, signal)));
    }

    /** Starts or signals the command and begins to signal the process of the pid file. */
    public void renewed() {
        if (command.isPresent()) {
            try {
                command.get().renewed();
            } catch (IOException e) {
                log.atError().addKeyValue("error", e.getMessage()).log("Unable to signal process");
            }
        }
        if (pidFile.isPresent()) {
            var file = pidFile.get();
            sending.interrupt();
            sending = Thread.ofVirtual().name("signal").start(() -> send(file));
        }
    }

    private static void send(PidFile file) {
        var pauses = new Pauses(FIRST_PAUSE, LONGEST_PAUSE);
        try {
            for (int tries = 1; ; tries++) {
                try {
                    file.send();
                    log.atDebug().addKeyValue("pid_file", file.file()).log("process signalled");
                    return;
                } catch (IOException e) {
                    if (tries == TRIES) {
                        log.atError()
                                .addKeyValue("error", e.getMessage())
                                .addKeyValue("tries", tries)
                                .log("Unable to signal PID file");
                        return;
                    }
                }
                Thread.sleep(pauses.next());
            }
        } catch (InterruptedException e) {
            // newer files are there and their signal counts for both, or the program ends
            Thread.currentThread().interrupt();
        }
    }

    /** Gives up a signal that could not be sent yet; the command goes on. */
    @Override
    public void close() {
        sending.interrupt();
    }
}
