// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Refusals that are the same as one a moment ago: a workload that waits to be registered asks every few seconds. They are
 * counted, and the count is told a minute later with the next one. Thread-safe.
 */
final class Repeats {
    private static final Duration QUIET = Duration.ofMinutes(1);
    private static final int MOST = 1000;

    /** What makes two refusals the same. */
    record Refusal(int pid, long startTime, String method, String reason) {}

    private record Told(Instant when, long since) {}

    private final Map<Refusal, Told> last = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Refusal, Told> eldest) {
            return size() > MOST;
        }
    };

    /** How many like it were not written; nothing if this one is not to be written either. */
    synchronized OptionalLong take(Refusal refusal, Instant now) {
        var told = last.get(refusal);
        if (told != null && now.isBefore(told.when().plus(QUIET))) {
            last.put(refusal, new Told(told.when(), told.since() + 1));
            return OptionalLong.empty();
        }
        last.put(refusal, new Told(now, 0));
        return OptionalLong.of(told == null ? 0 : told.since());
    }
}
