// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Lets each do so much at once and no more; what is more waits its turn, and is refused when that takes long. Thread-safe. */
final class FairShare<K> {
    /** @param users who hold or wait for a part of it */
    private record Share(Semaphore free, int users) {
        Share with(int more) {
            return new Share(free, users + more);
        }
    }

    private final ConcurrentHashMap<K, Share> shares = new ConcurrentHashMap<>();
    private final int atOnce;
    private final Duration patience;

    FairShare(int atOnce, Duration patience) {
        this.atOnce = atOnce;
        this.patience = patience;
    }

    /** @throws io.grpc.StatusRuntimeException RESOURCE_EXHAUSTED if there was no turn in time */
    <T> T take(K who, String work, Supplier<T> task) {
        if (atOnce == 0) {
            return task.get();
        }
        var free = enter(who).free();
        try {
            if (!free.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw Status.RESOURCE_EXHAUSTED
                        .withDescription("%d %s of this user are under way, the most at once; try again later"
                                .formatted(atOnce, work))
                        .asRuntimeException();
            }
            try {
                return task.get();
            } finally {
                free.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Status.CANCELLED.withCause(e).asRuntimeException();
        } finally {
            leave(who);
        }
    }

    private Share enter(K who) {
        return shares.merge(who, new Share(new Semaphore(atOnce, true), 1), (there, one) -> there.with(1));
    }

    private void leave(K who) {
        shares.computeIfPresent(who, (same, share) -> share.users() == 1 ? null : share.with(-1));
    }
}
