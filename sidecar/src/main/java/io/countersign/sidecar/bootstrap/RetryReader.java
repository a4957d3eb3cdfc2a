// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import io.countersign.sidecar.bootstrap.RetryPolicy.On;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads when requests are repeated, for a route or for all routes of a virtual host. */
final class RetryReader {
    private RetryReader() {}

    static Optional<RetryPolicy> read(Section around) {
        return around.section("retry_policy").map(RetryReader::policy);
    }

    /** Closes the section. */
    private static RetryPolicy policy(Section section) {
        try (section) {
            section.refuse("retry_priority", "all endpoints are used alike");
            section.refuse("retry_host_predicate", "with lb_policy ROUND_ROBIN the next try goes to the next endpoint");
            section.refuse("retry_options_predicates", "every try is like the first");
            section.refuse("retriable_headers", "use retriable_status_codes");
            section.refuse("retriable_request_headers", "match the headers in a route of its own");
            section.refuse("rate_limited_retry_back_off", "set retry_back_off");
            section.refuse("per_try_idle_timeout", "set per_try_timeout");
            // how often another endpoint is looked for when a predicate turns one down
            section.withoutEffect("host_selection_retry_max_attempts");
            var base = Duration.ofMillis(25);
            var longest = Optional.<Duration>empty();
            var backOff = section.section("retry_back_off");
            if (backOff.isPresent()) {
                try (var pauses = backOff.get()) {
                    base = pauses.duration("base_interval", base);
                    longest = pauses.duration("max_interval");
                }
            }
            return new RetryPolicy(
                    conditions(section),
                    section.integer("num_retries", 1, 0, 1000),
                    section.duration("per_try_timeout", Duration.ZERO),
                    base,
                    longest.orElse(base.multipliedBy(10)),
                    statuses(section));
        }
    }

    private static Set<On> conditions(Section section) {
        var result = EnumSet.noneOf(On.class);
        for (var word : section.string("retry_on", "").split(",")) {
            if (!word.isBlank()) {
                var found = Arrays.stream(On.values())
                        .filter(on -> word(on).equals(word.strip()))
                        .findFirst();
                found.ifPresent(result::add);
                if (found.isEmpty()) {
                    section.problem(
                            "retry_on",
                            "has \"" + word.strip() + "\", expected some of "
                                    + Arrays.stream(On.values())
                                            .map(RetryReader::word)
                                            .collect(Collectors.joining(", ")));
                }
            }
        }
        return result;
    }

    private static String word(On on) {
        return on == On.SERVER_ERROR
                ? "5xx"
                : on.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Set<Integer> statuses(Section section) {
        var result = new HashSet<Integer>();
        for (var text : section.strings("retriable_status_codes")) {
            if (text.matches("[1-5][0-9][0-9]")) {
                result.add(Integer.valueOf(text));
            } else {
                section.problem("retriable_status_codes", "has \"" + text + "\", expected statuses from 100 to 599");
            }
        }
        return result;
    }
}
