// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.identity;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What was answered from the newest snapshot, made once for all who ask the same: a program with thousands of streams is told
 * one thing. Forgotten with the snapshot. Thread-safe.
 *
 * @param <Q> a question; equal ones have equal answers in one snapshot
 */
public final class Answers<Q, A> {
    /** More than a node has programs; what is asked beyond that is answered, and not kept. */
    private static final int MOST = 1_000;

    private record Kept<Q, A>(long version, Map<Q, A> answers) {}

    private volatile Kept<Q, A> kept = new Kept<>(0, new ConcurrentHashMap<>());

    /**
     * The answer to {@code question} in {@code snapshot}.
     *
     * @param make what answers it; what it throws is thrown to whoever asks, and not kept
     */
    public A get(Snapshot snapshot, Q question, Function<Q, A> make) {
        var now = kept;
        if (now.version() < snapshot.version()) {
            now = new Kept<>(snapshot.version(), new ConcurrentHashMap<>());
            kept = now;
        } else if (now.version() > snapshot.version()) {
            return make.apply(question);
        }
        var known = now.answers().get(question);
        if (known != null) {
            return known;
        }
        var made = make.apply(question);
        if (now.answers().size() < MOST) {
            now.answers().put(question, made);
        }
        return made;
    }
}
