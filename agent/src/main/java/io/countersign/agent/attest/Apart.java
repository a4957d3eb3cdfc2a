// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import io.countersign.rpc.Peer;
import io.countersign.rpc.Shares;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Does what may never end, such as reading a file of a file system that answers nothing any more. It has threads of its own:
 * such a read cannot be interrupted, and on a virtual thread it would keep a processor from all calls. What has not ended
 * counts, also when nobody waits for it any more, and each origin has so many and no more. Thread-safe.
 */
final class Apart {
    private static final int MOST = 256;
    /** As many attestors read what a program can hold up. */
    private static final int FOR_EACH_LOOK = 2;

    private final Shares shares;
    private final ExecutorService threads = new ThreadPoolExecutor(
            0,
            MOST,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("attest-", 0).factory());

    /** @param looks that an origin may have under way at once; 0 for no limit */
    Apart(int looks) {
        int each = looks == 0 ? MOST : (int) Math.min((long) FOR_EACH_LOOK * looks, MOST);
        this.shares = new Shares(each, each);
    }

    /** Begins it at once; what it answers fails at once if too much of this process's origin has not ended. */
    <T> Future<T> submit(Peer.LocalProcess process, Callable<T> task) {
        var share = shares.take(process.pid(), process.uid());
        if (share.isEmpty()) {
            return refused(process);
        }
        var look = new FutureTask<>(task);
        try {
            threads.execute(() -> {
                try {
                    look.run();
                } finally {
                    share.get().run();
                }
            });
        } catch (RejectedExecutionException e) {
            share.get().run();
            return refused(process);
        }
        return look;
    }

    private static <T> Future<T> refused(Peer.LocalProcess process) {
        return CompletableFuture.failedFuture(new IOException(
                "too many looks at programs of user %s have not ended; does the file system answer that these are on?"
                        .formatted(Integer.toUnsignedString(process.uid()))));
    }
}
