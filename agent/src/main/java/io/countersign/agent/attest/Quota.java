// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import io.grpc.Context;
import io.grpc.Status;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many calls each may have open at once, and begin in a second: as many at one go after a second of rest. Thread-safe.
 *
 * @param <K> by what one is told from the other
 */
public final class Quota<K> {
    private static final int FEW = 1_024;
    private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

    /** What one has taken; guarded by itself. */
    private static final class Tally {
        private int open;
        private double free;
        private long at;
        private boolean gone;
    }

    private final ConcurrentHashMap<K, Tally> tallies = new ConcurrentHashMap<>();
    /** How many there must be before those who rest are looked for: twice as many as did not, so that a call seldom looks. */
    private volatile int many = FEW;

    private final String what;
    private final int openAtOnce;
    private final int aSecond;
    private final LongSupplier nanoTime;

    /**
     * @param what has the quota, for the words of a refusal
     * @param openAtOnce 0 for no limit; as {@code aSecond}
     */
    public Quota(String what, int openAtOnce, int aSecond, LongSupplier nanoTime) {
        this.what = what;
        this.openAtOnce = openAtOnce;
        this.aSecond = aSecond;
        this.nanoTime = nanoTime;
    }

    /**
     * Takes one call, until the call that this thread serves has ended.
     *
     * @throws io.grpc.StatusRuntimeException RESOURCE_EXHAUSTED if this is one too many
     */
    public void take(K who) {
        if (tallies.size() > many) {
            tallies.values().removeIf(this::isIdle);
            many = Math.max(FEW, 2 * tallies.size());
        }
        while (!taken(tallies.computeIfAbsent(who, absent -> fresh()))) {
            // it was taken out of the map in between
            Thread.onSpinWait();
        }
    }

    private Tally fresh() {
        var tally = new Tally();
        tally.free = aSecond;
        tally.at = nanoTime.getAsLong();
        return tally;
    }

    private boolean taken(Tally tally) {
        synchronized (tally) {
            if (tally.gone) {
                return false;
            }
            refill(tally);
            if (openAtOnce > 0 && tally.open >= openAtOnce) {
                throw exhausted("has " + openAtOnce + " calls open, the most at once; end some of them");
            }
            if (aSecond > 0 && tally.free < 1) {
                throw exhausted("has begun " + aSecond + " calls in a second, the most; ask again later");
            }
            if (aSecond > 0) {
                tally.free--;
            }
            tally.open++;
        }
        Context.current().addListener(ended -> release(tally), Runnable::run);
        return true;
    }

    private static void release(Tally tally) {
        synchronized (tally) {
            tally.open--;
        }
    }

    private void refill(Tally tally) {
        long now = nanoTime.getAsLong();
        tally.free = Math.min(aSecond, tally.free + aSecond * ((now - tally.at) / SECOND));
        tally.at = now;
    }

    private boolean isIdle(Tally tally) {
        synchronized (tally) {
            refill(tally);
            tally.gone = tally.open == 0 && tally.free >= aSecond;
            return tally.gone;
        }
    }

    private RuntimeException exhausted(String words) {
        return Status.RESOURCE_EXHAUSTED.withDescription(what + " " + words).asRuntimeException();
    }
}
