// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc;

import io.countersign.oidc.http.Handler;
import io.countersign.oidc.http.Request;
import io.countersign.oidc.http.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What probes are told: ready once keys have been fetched, and live as long as they may still come; neither if the last
 * success is too long ago. A status says it, without a body.
 */
final class Probes {
    private static final int MISSED_FETCHES = 5;
    private static final Duration LEAST = Duration.ofMinutes(3);

    private final Supplier<Optional<Instant>> lastSuccess;
    private final Duration patience;
    private final InstantSource clock;
    private final Instant started;

    /** @param interval between fetches; five may fail, and all of three minutes in any case */
    Probes(Supplier<Optional<Instant>> lastSuccess, Duration interval, InstantSource clock) {
        var missed = interval.multipliedBy(MISSED_FETCHES);
        this.lastSuccess = lastSuccess;
        this.patience = missed.compareTo(LEAST) < 0 ? LEAST : missed;
        this.clock = clock;
        this.started = clock.instant();
    }

    Handler ready() {
        return request ->
                answer(request, lastSuccess.get().filter(this::isRecent).isPresent());
    }

    Handler live() {
        return request -> answer(request, isRecent(lastSuccess.get().orElse(started)));
    }

    private boolean isRecent(Instant time) {
        return Duration.between(time, clock.instant()).compareTo(patience) < 0;
    }

    private static Response answer(Request request, boolean healthy) {
        if (!request.isGet()) {
            return Response.refusal(Response.METHOD_NOT_ALLOWED, "method not allowed");
        }
        return Response.of(healthy ? Response.OK : Response.INTERNAL_ERROR);
    }
}
