// SPDX-License-Identifier: Apache-2.0
package io.countersign.rpc;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many of something the processes of one origin may have together, so that nobody gets more by being many processes. A
 * user has some without a look at where his processes come from, which costs one; whatever is more counts for the origin,
 * so that one container of his is not in the way of another. Thread-safe.
 */
public final class Shares {
    private final ConcurrentHashMap<Integer, Integer> ofUsers = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Origin, Integer> ofOrigins = new ConcurrentHashMap<>();
    private final int user;
    private final int origin;

    /**
     * @param user how many of each user are not looked at
     * @param origin how many each origin may have beside these
     */
    public Shares(int user, int origin) {
        this.user = user;
        this.origin = origin;
    }

    /** Four times as many as one process may have. */
    public static Shares fourTimes(int ofAProcess) {
        return new Shares(ofAProcess, (int) Math.min(3L * ofAProcess, Integer.MAX_VALUE));
    }

    /**
     * Takes one for a process.
     *
     * @return what gives it back, to be run once; nothing if this is one too many
     */
    public Optional<Runnable> take(int pid, int uid) {
        var share = take(ofUsers, uid, user);
        return share.isPresent() ? share : take(ofOrigins, Origin.of(pid, uid), origin);
    }

    private static <K> Optional<Runnable> take(ConcurrentHashMap<K, Integer> taken, K who, int most) {
        if (taken.merge(who, 1, Integer::sum) > most) {
            giveBack(taken, who);
            return Optional.empty();
        }
        return Optional.of(() -> giveBack(taken, who));
    }

    private static <K> void giveBack(ConcurrentHashMap<K, Integer> taken, K who) {
        taken.computeIfPresent(who, (same, count) -> count == 1 ? null : count - 1);
    }
}
