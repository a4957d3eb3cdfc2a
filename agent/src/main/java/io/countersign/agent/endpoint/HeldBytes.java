// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.endpoint;

import java.util.HashMap;
import java.util.Map;

/** How many bytes are held for each user, and for all users together, of whom one may be many. Thread-safe. */
final class HeldBytes {
    private final Map<Integer, Long> ofUsers = new HashMap<>();
    private final long mostOfAUser;
    private final long mostOfAll;
    private long all;

    HeldBytes(long mostOfAUser, long mostOfAll) {
        this.mostOfAUser = mostOfAUser;
        this.mostOfAll = mostOfAll;
    }

    /** Whether these may be held as well; if not, nothing has changed. */
    synchronized boolean take(int uid, long bytes) {
        long user = ofUsers.getOrDefault(uid, 0L) + bytes;
        if (user > mostOfAUser || all + bytes > mostOfAll) {
            return false;
        }
        ofUsers.put(uid, user);
        all += bytes;
        return true;
    }

    synchronized void giveBack(int uid, long bytes) {
        all -= bytes;
        ofUsers.computeIfPresent(uid, (same, taken) -> taken > bytes ? taken - bytes : null);
    }
}
