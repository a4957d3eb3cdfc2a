// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.endpoint;

import io.countersign.agent.identity.Snapshot;
import io.countersign.agent.identity.Snapshots;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A stream of answers made from snapshots: one at once, one after each change that changes it, until the client goes. It
 * holds its virtual thread, and at most one answer for a client that does not read.
 */
public final class SnapshotStream {
    private static final long SLOW_CLIENT_MILLIS = 100;

    private final Snapshots snapshots;

    public SnapshotStream(Snapshots snapshots) {
        this.snapshots = snapshots;
    }

    /**
     * Serves until the call is cancelled.
     *
     * @param answer nothing while what the client asks for is not ready; throws a status to end the stream
     */
    public <A> void serve(StreamObserver<A> client, Function<Snapshot, Optional<A>> answer) {
        var call = (ServerCallStreamObserver<A>) client;
        var context = Context.current();
        var changed = new Semaphore(1);
        Context.CancellationListener cancelled = ignored -> changed.release();
        context.addListener(cancelled, Runnable::run);
        try (var subscription = snapshots.subscribe(changed::release)) {
            Optional<A> sent = Optional.empty();
            boolean owed = false;
            while (waitFor(changed, owed) && !context.isCancelled()) {
                owed = !call.isReady();
                var next = owed ? Optional.<A>empty() : answer.apply(snapshots.current());
                if (next.isPresent() && !next.equals(sent)) {
                    call.onNext(next.get());
                    sent = next;
                }
            }
        } finally {
            context.removeListener(cancelled);
        }
    }

    /**
     * A client that does not read is looked at again after a while: its readiness is told on the thread that waits here.
     *
     * @param owed whether there was a change that it has not been told of
     */
    private static boolean waitFor(Semaphore changed, boolean owed) {
        try {
            if (owed) {
                var _ = changed.tryAcquire(SLOW_CLIENT_MILLIS, TimeUnit.MILLISECONDS);
            } else {
                changed.acquire();
            }
            changed.drainPermits();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
