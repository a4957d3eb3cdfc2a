// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;

/** Growing, jittered pauses after failures, and one line a minute that says what fails. Not thread-safe. */
public final class Retry {
    private static final Duration QUIET = Duration.ofMinutes(1);
    private static final double GROWTH = 1.5;

    private final Logger log;
    private final InstantSource clock;
    private final Duration first;
    private final Duration longest;
    private Duration pause;
    private Instant silentUntil = Instant.MIN;
    private int failures;

    public Retry(Logger log, InstantSource clock, Duration first, Duration longest) {
        this.log = log;
        this.clock = clock;
        this.first = first;
        this.longest = longest;
        this.pause = first;
    }

    /** Notes a failure and gives the pause before the next try. */
    public Duration failed(String what) {
        return failed(what, longest);
    }

    /** As {@link #failed}, with a pause that is no longer than {@code limit}, for what cannot wait. */
    public Duration failed(String what, Duration limit) {
        failures++;
        var now = clock.instant();
        if (!now.isBefore(silentUntil)) {
            log.atWarn().addKeyValue("failures", failures).log("{}; trying again", what);
            silentUntil = now.plus(QUIET);
        }
        var soon = pause.compareTo(limit) < 0 ? pause : limit;
        var jittered = (long) (soon.toMillis() * ThreadLocalRandom.current().nextDouble(0.9, 1.1));
        var grown = Duration.ofMillis((long) (pause.toMillis() * GROWTH));
        pause = grown.compareTo(longest) > 0 ? longest : grown;
        return Duration.ofMillis(jittered);
    }

    /** The next failure is another one than those before, so that it is said although the minute is not over. */
    public void speakUp() {
        silentUntil = Instant.MIN;
    }

    public void succeeded() {
        if (failures > 0) {
            log.atInfo().addKeyValue("failures", failures).log("the server answers again");
        }
        failures = 0;
        pause = first;
        silentUntil = Instant.MIN;
    }
}
