// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.env;

import io.countersign.launch.LogSettings;
import io.countersign.launch.config.GoDuration;
import io.countersign.launch.config.Nearest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The environment of a program. An empty variable counts as unset. A value that cannot be read is remembered as a
 * problem and the default handed out in its place, so that {@link #check} can report all problems in one go; nothing
 * that was read may be used before that. For one thread.
 */
public final class Environment {
    private final Map<String, String> variables;
    private final TreeSet<String> known = new TreeSet<>();
    private final List<String> problems = new ArrayList<>();

    public Environment(Map<String, String> variables) {
        this.variables = new TreeMap<>(variables);
    }

    public String text(String name, String absent) {
        return optional(name).orElse(absent);
    }

    public Optional<String> optional(String name) {
        known.add(name);
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isEmpty());
    }

    /** A number from {@code least} to {@code most}. */
    public int number(String name, int absent, int least, int most) {
        return parsed(name, absent, text -> {
            var expected = "expected a number from " + least + " to " + most;
            try {
                int number = Integer.parseInt(text);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(expected, e);
            }
            throw new IllegalArgumentException(expected);
        });
    }

    public int port(String name, int absent) {
        return number(name, absent, 1, 65535);
    }

    /** A positive duration as Go writes it, such as {@code 2m}. */
    public Duration duration(String name, Duration absent) {
        return parsed(name, absent, text -> {
            var duration = GoDuration.parse(text);
            if (duration.isNegative() || duration.isZero()) {
                throw new IllegalArgumentException("expected a duration longer than nothing, such as 2m");
            }
            return duration;
        });
    }

    /** {@code LOG_FORMAT} and {@code LOG_LEVEL}; JSON and info unless they say otherwise. */
    public LogSettings logSettings() {
        var format = parsed("LOG_FORMAT", LogSettings.Format.JSON, LogSettings::format);
        var level = parsed("LOG_LEVEL", LogSettings.Level.INFO, LogSettings::level);
        return new LogSettings(level, format, Optional.empty());
    }

    /**
     * Any other kind of value.
     *
     * @param parser throws IllegalArgumentException with what it expected
     */
    public <T> T parsed(String name, T absent, Function<String, T> parser) {
        var text = optional(name);
        if (text.isEmpty()) {
            return absent;
        }
        try {
            return parser.apply(text.get());
        } catch (IllegalArgumentException e) {
            problem(name, String.valueOf(e.getMessage()));
            return absent;
        }
    }

    /** Reports a variable that cannot be honoured, if it is set. Its value is not repeated: it may be a secret. */
    public void refuse(String name, String why) {
        if (optional(name).isPresent()) {
            problems.add(name + " is set, but " + why);
        }
    }

    /** Reports variables that begin with {@code prefix} and were never asked for. */
    public void refuseUnknown(String prefix) {
        for (var name : variables.keySet()) {
            if (name.startsWith(prefix) && !known.contains(name)) {
                var meant = Nearest.to(name, known).map(near -> "; did you mean " + near + "?");
                problems.add(name + " is no setting of this program" + meant.orElse("; unset it"));
            }
        }
    }

    /** Adds a problem with a variable's value. */
    public void problem(String name, String expected) {
        problems.add(name + "=\"" + variables.getOrDefault(name, "") + "\": " + expected);
    }

    /** @throws EnvironmentException if there was any problem */
    public void check() {
        if (!problems.isEmpty()) {
            throw new EnvironmentException(problems);
        }
    }
}
