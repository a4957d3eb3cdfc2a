// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What a stream answers, to be taken one by one. */
public final class Replies<T> implements StreamObserver<T> {
    private static final long PATIENCE_SECONDS = 20;

    private final BlockingQueue<T> replies = new LinkedBlockingQueue<>();
    private final CompletableFuture<Optional<Throwable>> end = new CompletableFuture<>();

    @Override
    public void onNext(T reply) {
        replies.add(reply);
    }

    @Override
    public void onError(Throwable failure) {
        end.complete(Optional.of(failure));
    }

    @Override
    public void onCompleted() {
        end.complete(Optional.empty());
    }

    public T next() throws InterruptedException {
        var reply = replies.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (reply == null) {
            throw new AssertionError("no answer came; the stream is " + end);
        }
        return reply;
    }

    /** Waits for either, and says whether there is an answer to take. */
    public boolean endsOrAnswers() throws InterruptedException {
        Eventually.holds("it answers or ends", () -> !replies.isEmpty() || end.isDone());
        return !replies.isEmpty();
    }

    /** The answer that is to be taken next; only if there is one. */
    public T peek() {
        return replies.element();
    }

    /** How the stream ended: with nothing if well. */
    public Optional<Throwable> end() throws InterruptedException, TimeoutException {
        try {
            return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    public boolean isEmpty() {
        return replies.isEmpty();
    }
}
