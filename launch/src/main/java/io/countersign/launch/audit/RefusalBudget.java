// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.audit;

import java.util.OptionalLong;

/**
 * How many refusals of strangers are written in a second. Whoever reaches the port can cause them, and must not be able to
 * fill the disk with them, or to push older files out. Thread-safe.
 */
public final class RefusalBudget {
    static final int PER_SECOND = 100;

    private long second = -1;
    private int written;
    private long unwritten;

    /**
     * Takes one.
     *
     * @param now in seconds, from wherever
     * @return how many were not written since the last one that was; nothing if this one is not to be written either
     */
    public synchronized OptionalLong take(long now) {
        if (now != second) {
            second = now;
            written = 0;
        }
        if (written == PER_SECOND) {
            unwritten++;
            return OptionalLong.empty();
        }
        written++;
        long before = unwritten;
        unwritten = 0;
        return OptionalLong.of(before);
    }
}
