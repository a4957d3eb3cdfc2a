// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import io.countersign.it.process.Side;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/** Both sidecars, started with the same file. */
final class Pair implements AutoCloseable {
    private final Running ours;
    private final Running original;

    private Pair(Running ours, Running original) {
        this.ours = ours;
        this.original = original;
    }

    /** What one sidecar is asked and says. */
    @FunctionalInterface
    interface Question {
        Answer ask(Running sidecar) throws Exception;
    }

    /** The answers of both. */
    record Answered(Answer ours, Answer original) {}

    /** @param values for the places of the template that are the same on both sides */
    static Pair start(Path folder, String template, Map<String, String> values) throws Exception {
        var answered = together(
                () -> Running.start(Side.OURS, folder, template, values),
                () -> Running.start(Side.ORIGINAL, folder, template, values));
        return new Pair(answered.getKey(), answered.getValue());
    }

    Running of(Side side) {
        return switch (side) {
            case OURS -> ours;
            case ORIGINAL -> original;
        };
    }

    /** Asked of these sidecars in the place of those that other cases are asked of. */
    Case asked(String name, Question question) {
        return Case.of(name, main -> question.ask(of(main.side())));
    }

    Answered ask(Question question) throws Exception {
        var both = together(() -> question.ask(ours), () -> question.ask(original));
        return new Answered(both.getKey(), both.getValue());
    }

    /** Runs both at once and gives both results. */
    static <T> Map.Entry<T, T> together(Callable<T> first, Callable<T> second) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var one = threads.submit(first);
            var other = threads.submit(second);
            return Map.entry(one.get(), other.get());
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Error error -> throw error;
                case Exception exception -> throw exception;
                case null, default -> throw e;
            }
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        ours.close();
        original.close();
    }
}
