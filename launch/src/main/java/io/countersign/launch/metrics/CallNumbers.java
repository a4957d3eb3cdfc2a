// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.metrics;

import io.countersign.launch.metrics.Metrics.Labels;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/** How many calls of each method there were, how they ended and how long they took. Thread-safe. */
public final class CallNumbers {
    /** A method with one outcome. */
    private record Ended(Counter count, Summary elapsed) {
        void add(long nanos) {
            count.add(1);
            elapsed.record(nanos);
        }
    }

    private final Metrics metrics;
    private final int codes;
    private final IntFunction<String> status;
    private final UnaryOperator<String> name;
    private final Map<String, AtomicReferenceArray<Ended>> methods = new ConcurrentHashMap<>();

    /**
     * @param codes how many outcomes there may be
     * @param status what the outcome of a number is called
     * @param name what a method is called
     */
    public CallNumbers(Metrics metrics, int codes, IntFunction<String> status, UnaryOperator<String> name) {
        this.metrics = metrics;
        this.codes = codes;
        this.status = status;
        this.name = name;
    }

    /** @param code below the number of codes */
    public void ended(String method, int code, long nanos) {
        ended(method, code).add(nanos);
    }

    /** Filled as outcomes are seen, so that a call costs no look-up by name and allocates nothing here. */
    private Ended ended(String method, int code) {
        var outcomes = methods.computeIfAbsent(method, _ -> new AtomicReferenceArray<>(codes));
        var known = outcomes.get(code);
        if (known != null) {
            return known;
        }
        var called = name.apply(method);
        var labels = Labels.NONE.with("status", status.apply(code));
        var fresh = new Ended(metrics.counter(called, labels), metrics.summary(called + "_elapsed_time", labels));
        outcomes.set(code, fresh);
        return fresh;
    }
}
