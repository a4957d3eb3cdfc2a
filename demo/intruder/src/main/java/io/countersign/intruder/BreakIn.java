// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder;

import io.countersign.intruder.attempt.Attempt;
import io.countersign.intruder.attempt.Outcome;
import io.countersign.launch.EventLog;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;

/** Makes attempts, all at once or one by its kind, and logs what came of them. Thread-safe. */
final class BreakIn {
    private final List<Attempt> attempts;
    private final OwnIdentity identity;
    private final InstantSource clock;
    private final EventLog log;

    BreakIn(List<Attempt> attempts, OwnIdentity identity, InstantSource clock, EventLog log) {
        this.attempts = List.copyOf(attempts);
        this.identity = identity;
        this.clock = clock;
        this.log = log;
    }

    List<String> kinds() {
        return attempts.stream().map(Attempt::kind).toList();
    }

    /** The results of all attempts, in their order; they are made side by side, so that none waits for another. */
    List<Result> all() {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = attempts.stream()
                    .map(attempt -> CompletableFuture.supplyAsync(() -> make(attempt), threads))
                    .toList();
            return running.stream().map(CompletableFuture::join).toList();
        }
    }

    /** Empty if there is no such kind. */
    Optional<Result> one(String kind) {
        return attempts.stream()
                .filter(attempt -> attempt.kind().equals(kind))
                .findFirst()
                .map(this::make);
    }

    private Result make(Attempt attempt) {
        var outcome = switch (identity.at(clock.instant())) {
            case OwnIdentity.Nothing nothing -> new Outcome.Untried(nothing.why());
            case OwnIdentity.Identity own -> attempt.make(own.context());
        };
        var result = new Result(attempt.kind(), outcome);
        announce(result);
        return result;
    }

    private void announce(Result result) {
        var line = switch (result.outcome()) {
            case Outcome.Refused refused ->
                log.info().addKeyValue("result", "refused").addKeyValue("by", refused.by());
            case Outcome.LetIn _ -> log.error().addKeyValue("result", "let_in");
            case Outcome.Untried _ -> log.error().addKeyValue("result", "untried");
        };
        line.addKeyValue("kind", result.kind())
                .addKeyValue("error", result.outcome().error())
                .log("Break-in attempted");
    }
}
