// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.health;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** How the last try to write a file, or a set of files, ended, and until when what is there is good. Thread-safe. */
public final class WriteState {
    private enum Outcome {
        UNWRITTEN,
        WRITTEN,
        FAILED
    }

    private volatile Outcome last = Outcome.UNWRITTEN;
    private volatile Optional<Instant> goodUntil = Optional.empty();

    /** @param until when what was written ends, if it does */
    public void written(Optional<Instant> until) {
        goodUntil = until;
        last = Outcome.WRITTEN;
    }

    public void failed() {
        last = Outcome.FAILED;
    }

    /** Nothing before the first write. */
    public Optional<Instant> goodUntil() {
        return goodUntil;
    }

    boolean isWritten() {
        return last == Outcome.WRITTEN;
    }

    boolean isFailed() {
        return last == Outcome.FAILED;
    }

    /** The word that probes read. */
    String word() {
        return last.name().toLowerCase(Locale.ROOT);
    }
}
