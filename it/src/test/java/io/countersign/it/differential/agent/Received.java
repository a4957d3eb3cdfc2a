// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import io.countersign.it.differential.Answer;
import io.countersign.it.process.Await;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What comes on one stream of one agent: each state in words once, and how the stream ends. */
final class Received<M> implements StreamObserver<M> {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Function<M, String> words;
    private final Kept kept;
    private final List<String> states = new ArrayList<>();
    private Optional<M> last = Optional.empty();
    private Optional<String> end = Optional.empty();

    /** Which of the states count. */
    enum Kept {
        ALL,
        /** Where one side tells at once what the other tells together with the next change. */
        FIRST_AND_LAST,
        /** Where more follow for as long as anybody listens. */
        FIRST_TWO
    }

    Received(Kept kept, Function<M, String> words) {
        this.kept = kept;
        this.words = words;
    }

    @Override
    public synchronized void onNext(M message) {
        last = Optional.of(message);
        var state = words.apply(message);
        if (states.isEmpty() || !states.getLast().equals(state)) {
            states.add(state);
        }
    }

    @Override
    public synchronized void onError(Throwable failure) {
        var status = failure instanceof StatusRuntimeException refused
                ? refused.getStatus()
                : Status.UNKNOWN.withDescription(failure.toString());
        end = Optional.of(status.getCode() + ": " + status.getDescription());
    }

    @Override
    public synchronized void onCompleted() {
        end = Optional.of("OK");
    }

    synchronized Optional<M> last() {
        return last;
    }

    private synchronized int count() {
        return states.size() + (end.isPresent() ? 1 : 0);
    }

    private synchronized boolean isIn(String part) {
        return end.orElse(states.isEmpty() ? "" : states.getLast()).contains(part);
    }

    synchronized boolean isOver() {
        return end.isPresent();
    }

    /** Waits until that many states have come, the end among them. */
    void await(int states) {
        Await.until(PATIENCE, "no " + states + " states: " + this, () -> count() >= states || isOver());
    }

    /** Waits until the last state, or the end, has this in it. */
    void await(String part) {
        Await.until(PATIENCE, "no \"" + part + "\"", () -> isIn(part) || isOver());
    }

    private List<String> counted() {
        return switch (kept) {
            case ALL -> states;
            case FIRST_AND_LAST -> states.size() < 2 ? states : List.of(states.getFirst(), states.getLast());
            case FIRST_TWO -> states.subList(0, Math.min(2, states.size()));
        };
    }

    synchronized Answer describe(Answer answer, String name) {
        var described = answer;
        var counted = counted();
        for (int i = 0; i < counted.size(); i++) {
            described = described.with(name + "[" + i + "]", counted.get(i));
        }
        return described.with(name + ".end", end.orElse("open"));
    }

    @Override
    public synchronized String toString() {
        return states + " " + end;
    }
}
