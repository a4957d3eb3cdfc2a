// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sync;

import io.countersign.agent.entry.Edition;
import io.countersign.agent.entry.RegistrationEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Entries for which the server has issued nothing, and when each is asked for again: after pauses that grow to four
 * minutes, as with the original. A changed entry is asked for at once. For one thread.
 */
final class Deferred {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(4);

    /** A clock that is set back to before its beginning ends it, or it would last for as long as that was. */
    private record Wait(Edition edition, Duration pause, Instant since) {
        boolean lasts(Instant now) {
            return !now.isBefore(since) && now.isBefore(since.plus(pause));
        }
    }

    private final Map<String, Wait> waits = new HashMap<>();

    void refused(RegistrationEntry entry, Instant now) {
        waits.compute(entry.id(), (id, last) -> {
            var pause = last == null || !last.edition().equals(entry.edition())
                    ? FIRST
                    : last.pause().multipliedBy(2).compareTo(LONGEST) < 0
                            ? last.pause().multipliedBy(2)
                            : LONGEST;
            return new Wait(entry.edition(), pause, now);
        });
    }

    void issued(RegistrationEntry entry) {
        waits.remove(entry.id());
    }

    /** Those that are not there any more are forgotten. */
    void retain(Set<String> entries) {
        waits.keySet().retainAll(entries);
    }

    /** Whether it is too early to ask for the entry. */
    boolean holds(RegistrationEntry entry, Instant now) {
        var wait = waits.get(entry.id());
        return wait != null && wait.edition().equals(entry.edition()) && wait.lasts(now);
    }
}
