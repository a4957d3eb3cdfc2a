// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the agent of a test answers to one kind of call; it stays silent until it is told. */
final class Feed<M> {
    private final List<ServerCallStreamObserver<M>> followers = new ArrayList<>();
    private final List<ServerCallStreamObserver<M>> unanswered = new ArrayList<>();
    private final List<Instant> calls = new ArrayList<>();
    private Optional<M> newest = Optional.empty();
    private Optional<Status> refusal = Optional.empty();

    synchronized void follow(StreamObserver<M> caller) {
        calls.add(Instant.now());
        if (refusal.isPresent()) {
            end(caller, refusal.get());
            return;
        }
        var follower = (ServerCallStreamObserver<M>) caller;
        // without a handler gRPC throws at the next message to a caller that has gone
        follower.setOnCancelHandler(() -> {});
        followers.add(follower);
        newest.ifPresent(follower::onNext);
    }

    /** As {@link #follow} for a call that is answered once; silent until there is something to answer. */
    synchronized void answer(StreamObserver<M> caller) {
        follow(caller);
        if (refusal.isEmpty()) {
            unanswered.add(followers.getLast());
            complete();
        }
    }

    private void complete() {
        if (newest.isPresent()) {
            unanswered.forEach(StreamObserver::onCompleted);
            followers.removeAll(unanswered);
            unanswered.clear();
        }
    }

    synchronized void push(M message) {
        newest = Optional.of(message);
        refusal = Optional.empty();
        followers.forEach(follower -> follower.onNext(message));
        complete();
    }

    /** Ends what is open with this status and answers so from now on. */
    synchronized void refuse(Status status) {
        refusal = Optional.of(status);
        followers.forEach(follower -> end(follower, status));
        followers.clear();
        unanswered.clear();
    }

    private static void end(StreamObserver<?> caller, Status status) {
        if (status.isOk()) {
            caller.onCompleted();
        } else {
            caller.onError(status.asRuntimeException());
        }
    }

    synchronized List<Instant> calls() {
        return List.copyOf(calls);
    }

    synchronized boolean isFollowed() {
        return followers.stream().anyMatch(follower -> !follower.isCancelled());
    }
}
