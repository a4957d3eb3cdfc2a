// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.follow;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;

/** Says what fails, at most once a minute, and once that it works again. Thread-safe. */
final class Outage {
    private static final Duration QUIET = Duration.ofMinutes(1);

    private final Logger log;
    private final String what;
    private final InstantSource clock;
    private Instant silentUntil = Instant.MIN;
    private boolean said;
    private int failures;

    /** @param what fails, as the original says it */
    Outage(Logger log, String what, InstantSource clock) {
        this.log = log;
        this.what = what;
        this.clock = clock;
    }

    /** @param goodUntil when what is there now ends, if anything is there */
    synchronized void failed(String why, Optional<Instant> goodUntil) {
        failures++;
        var now = clock.instant();
        if (now.isBefore(silentUntil)) {
            return;
        }
        var line = log.atError().addKeyValue("failures", failures);
        if (goodUntil.isPresent()) {
            line = line.addKeyValue("files_good_until", goodUntil.get());
        }
        line.log("{}: {}; trying again", what, why);
        said = true;
        silentUntil = now.plus(QUIET);
    }

    synchronized void over() {
        if (said) {
            log.atInfo().addKeyValue("failures", failures).log("the agent answers again");
        }
        said = false;
        failures = 0;
    }
}
