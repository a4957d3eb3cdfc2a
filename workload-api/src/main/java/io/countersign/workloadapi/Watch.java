// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One endless stream, opened again with growing, jittered pauses for as long as nobody closes it. */
final class Watch<M, T> implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Watch.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final String name;
    private final ManagedChannel channel;
    private final Supplier<Iterator<M>> open;
    private final Function<M, T> decode;
    private final Watcher<T> watcher;
    private final Context.CancellableContext context = Context.ROOT.withCancellation();
    private final CountDownLatch closed = new CountDownLatch(1);
    private Duration pause = FIRST_PAUSE;

    Watch(String name, ManagedChannel channel, Supplier<Iterator<M>> open, Function<M, T> decode, Watcher<T> watcher) {
        this.name = name;
        this.channel = channel;
        this.open = open;
        this.decode = decode;
        this.watcher = watcher;
    }

    Watch<M, T> start() {
        Thread.ofVirtual().name(name).start(context.wrap(this::run));
        return this;
    }

    private void run() {
        try {
            do {
                if (readStream()) {
                    return;
                }
                // gRPC's own pause between connections grows to two minutes, which is too long for a local socket
                channel.resetConnectBackoff();
            } while (!closed.await(nextPause().toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether there is nothing more to do. */
    private boolean readStream() {
        try {
            for (var messages = open.get(); messages.hasNext(); ) {
                take(messages.next());
            }
            return false;
        } catch (StatusRuntimeException e) {
            if (closed.getCount() == 0 || channel.isShutdown()) {
                return true;
            }
            var error = WorkloadApiException.of(name, e);
            tell(() -> watcher.onError(error));
            return error.isFinal();
        }
    }

    private void take(M message) {
        pause = FIRST_PAUSE;
        T update;
        try {
            update = decode.apply(message);
        } catch (IllegalArgumentException e) {
            tell(() -> watcher.onError(WorkloadApiException.malformed(name, e)));
            return;
        }
        tell(() -> watcher.onUpdate(update));
    }

    /** A watcher that fails must not end the watch. */
    private void tell(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            log.error("{}: the watcher failed, its next update comes all the same", name, e);
        }
    }

    private Duration nextPause() {
        var jittered = Duration.ofMillis(
                (long) (pause.toMillis() * ThreadLocalRandom.current().nextDouble(0.8, 1.2)));
        var grown = pause.multipliedBy(3).dividedBy(2);
        pause = grown.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : grown;
        return jittered;
    }

    @Override
    public void close() {
        closed.countDown();
        context.cancel(null);
    }
}
