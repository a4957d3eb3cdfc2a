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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One xDS conversation: the client names secrets, and gets them again with each change of one of them. A request is answered on
 * the thread that brings it, a change on a virtual thread of its own; one of them speaks at a time.
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
    private Snapshots.Subscription subscription = () -> {};
    private boolean over;

    private SecretStream(Snapshots snapshots, Conversation<Q, A> conversation, ServerCallStreamObserver<A> client) {
        this.snapshots = snapshots;
        this.conversation = conversation;
        this.client = client;
    }

    /** @return who hears the client */
    static <Q, A> StreamObserver<Q> open(
            Snapshots snapshots, Conversation<Q, A> conversation, StreamObserver<A> client) {
        var call = (ServerCallStreamObserver<A>) client;
        var stream = new SecretStream<>(snapshots, conversation, call);
        call.setOnReadyHandler(stream::changed);
        call.setOnCancelHandler(stream::end);
        // ended by this side without a word of ours: a request that cannot be read
        call.setOnCloseHandler(stream::end);
        stream.listen(Context.current());
        return stream;
    }

    private synchronized void listen(Context context) {
        subscription =
                snapshots.subscribe(() -> Thread.ofVirtual().name("sds stream").start(context.wrap(this::changed)));
    }

    @Override
    public void onNext(Q request) {
        unlessOver(() -> {
            if (conversation.hear(request)) {
                answer();
            }
        });
    }

    @Override
    public void onError(Throwable cancelled) {
        end();
    }

    @Override
    public void onCompleted() {
        unlessOver(() -> {
            end();
            client.onCompleted();
        });
    }

    private void changed() {
        unlessOver(this::answer);
    }

    /** Who does not read is answered when it reads again. */
    private void answer() {
        if (client.isReady()) {
            conversation.say(snapshots.current()).ifPresent(client::onNext);
        }
    }

    private synchronized void unlessOver(Runnable what) {
        if (over) {
            return;
        }
        try {
            what.run();
        } catch (StatusRuntimeException e) {
            fail(e.getStatus());
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("an sds stream failed");
            fail(Status.INTERNAL.withDescription("the agent failed; its log says why"));
        }
    }

    private void fail(Status status) {
        end();
        client.onError(status.asRuntimeException(new Metadata()));
    }

    private synchronized void end() {
        over = true;
        subscription.close();
    }
}
