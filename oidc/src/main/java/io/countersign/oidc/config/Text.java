// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.config;

import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.GoDuration;
import java.time.Duration;
import java.util.Optional;

/** Values that are needed, or never below zero. */
final class Text {
    private Text() {}

    /** Nothing, and a problem noted, if it is missing. */
    static Optional<String> required(ConfigBlock block, String key, String expected) {
        var value = block.string(key);
        if (value.isEmpty()) {
            block.problem(key, "is missing, expected " + expected);
        }
        return value;
    }

    /** The standard also for what is not above zero. */
    static Duration interval(ConfigBlock block, String key, Duration standard) {
        try {
            return block.string(key)
                    .map(GoDuration::parse)
                    .filter(Duration::isPositive)
                    .orElse(standard);
        } catch (IllegalArgumentException e) {
            block.problem(key, String.valueOf(e.getMessage()));
            return standard;
        }
    }
}
