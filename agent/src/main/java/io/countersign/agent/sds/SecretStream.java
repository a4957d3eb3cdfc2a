// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sds;

import io.countersign.agent.identity.Snapshot;
import io.countersign.agent.identity.Snapshots;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One xDS conversation: the client names secrets, and gets them again with each change of one of them. Requests arrive on
 * gRPC's thread and wake the one virtual thread that answers.
 */
final class SecretStream<Q, A> implements StreamObserver<Q> {
    /** What is said in one of the two variants of the protocol. Asked by one thread at a time. */
    interface Conversation<Q, A> {
        /**
         * Takes what the client says.
         *
         * @return whether it may want an answer now
         * @throws StatusRuntimeException if it asks for what is not served
         */
        boolean hear(Q request);

        /**
         * What the client has not been told yet.
         *
         * @return nothing if there is nothing new, or if it cannot be told yet
         * @throws StatusRuntimeException to end the stream
         */
        Optional<A> say(Snapshot snapshot);
    }

    private static final Logger log = LoggerFactory.getLogger(SecretStream.class);

    private final Snapshots snapshots;
    private final Conversation<Q, A> conversation;
    private final ServerCallStreamObserver<A> client;
    private final Context context = Context.current();
    private final Semaphore changed = new Semaphore(0);
    private boolean done;

    SecretStream(Snapshots snapshots, Conversation<Q, A> conversation, StreamObserver<A> client) {
        this.snapshots = snapshots;
        this.conversation = conversation;
        this.client = (ServerCallStreamObserver<A>) client;
    }

    SecretStream<Q, A> start() {
        client.setOnReadyHandler(changed::release);
        client.setOnCancelHandler(changed::release);
        Thread.ofVirtual().name("sds stream").start(context.wrap(this::run));
        return this;
    }

    @Override
    public synchronized void onNext(Q request) {
        if (conversation.hear(request)) {
            changed.release();
        }
    }

    @Override
    public void onError(Throwable cancelled) {
        onCompleted();
    }

    @Override
    public synchronized void onCompleted() {
        done = true;
        changed.release();
    }

    private void run() {
        try (var subscription = snapshots.subscribe(changed::release)) {
            while (!isDone()) {
                changed.acquire();
                changed.drainPermits();
                answer();
            }
            if (!client.isCancelled()) {
                client.onCompleted();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StatusRuntimeException e) {
            client.onError(e.getStatus().asRuntimeException(new Metadata()));
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("an sds stream failed");
            client.onError(Status.INTERNAL
                    .withDescription("the agent failed; its log says why")
                    .asRuntimeException());
        }
    }

    private synchronized boolean isDone() {
        return done || context.isCancelled();
    }

    private synchronized void answer() {
        if (!isDone() && client.isReady()) {
            conversation.say(snapshots.current()).ifPresent(client::onNext);
        }
    }
}
