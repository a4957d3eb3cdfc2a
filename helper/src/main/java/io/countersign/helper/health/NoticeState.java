// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.health;

import java.util.Locale;

/** Whether those who are to know of the newest files do. Thread-safe. */
public final class NoticeState {
    private enum Outcome {
        /** There is nobody to be told. */
        NOBODY,
        UNTOLD,
        TOLD,
        FAILED
    }

    private volatile Outcome last = Outcome.NOBODY;

    /** Somebody is to be told of files that are new. */
    public void due() {
        last = Outcome.UNTOLD;
    }

    public void told() {
        last = Outcome.TOLD;
    }

    public void failed() {
        last = Outcome.FAILED;
    }

    boolean isDone() {
        return last == Outcome.TOLD || last == Outcome.NOBODY;
    }

    boolean isFailed() {
        return last == Outcome.FAILED;
    }

    /** The word that probes read. */
    String word() {
        return last.name().toLowerCase(Locale.ROOT);
    }
}
