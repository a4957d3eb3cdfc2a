// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.health;

import java.util.Locale;

/** How the last try to write a file, or a set of files, ended. Thread-safe. */
public final class WriteState {
    private enum Outcome {
        UNWRITTEN,
        WRITTEN,
        FAILED
    }

    private volatile Outcome last = Outcome.UNWRITTEN;

    public void written() {
        last = Outcome.WRITTEN;
    }

    public void failed() {
        last = Outcome.FAILED;
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
