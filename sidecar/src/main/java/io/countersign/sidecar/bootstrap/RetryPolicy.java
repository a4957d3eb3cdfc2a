// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.time.Duration;
import java.util.Set;

/**
 * When a request is sent once more.
 *
 * @param most how often, after the first time
 * @param perTry how long one try may take, from the end of the request; zero for as long as all of them together
 * @param base the pause before a try is up to this, twice this and so on
 * @param longest and up to this at most
 * @param statuses looked at with {@link On#RETRIABLE_STATUS_CODES}
 */
public record RetryPolicy(
        Set<On> on, int most, Duration perTry, Duration base, Duration longest, Set<Integer> statuses) {
    public RetryPolicy {
        on = Set.copyOf(on);
        statuses = Set.copyOf(statuses);
    }

    /** Envoy's conditions, whose names have dashes in the file. */
    public enum On {
        /** Any status from 500, or no answer at all. */
        SERVER_ERROR,
        /** 502, 503 or 504, or no answer at all. */
        GATEWAY_ERROR,
        /** No answer at all. */
        RESET,
        CONNECT_FAILURE,
        REFUSED_STREAM,
        /** 409. */
        RETRIABLE_4XX,
        RETRIABLE_STATUS_CODES,
        CANCELLED,
        DEADLINE_EXCEEDED,
        INTERNAL,
        RESOURCE_EXHAUSTED,
        UNAVAILABLE
    }
}
