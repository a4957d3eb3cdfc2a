// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What is logged, how and where; without a file, on standard error.
 *
 * @param source whether each line says from which line of the program it comes
 */
public record LogSettings(Level level, Format format, Optional<Path> file, boolean source) {
    /** Without the lines of the program. */
    public LogSettings(Level level, Format format, Optional<Path> file) {
        this(level, format, file, false);
    }

    public enum Format {
        TEXT,
        JSON
    }

    public enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    public static LogSettings standard() {
        return new LogSettings(Level.INFO, Format.TEXT, Optional.empty());
    }

    /**
     * Reads a level in the originals' words ({@code panic} and {@code fatal} count as error, {@code warning} as warn).
     *
     * @throws IllegalArgumentException for any other word
     */
    public static Level level(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "panic", "fatal", "error", "critical" -> Level.ERROR;
            case "warn", "warning" -> Level.WARN;
            case "info" -> Level.INFO;
            case "debug" -> Level.DEBUG;
            case "trace" -> Level.TRACE;
            default ->
                throw new IllegalArgumentException(
                        "\"" + word + "\" is no log level, expected one of " + List.of(Level.values()));
        };
    }

    /** @throws IllegalArgumentException if the word is neither text nor json */
    public static Format format(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "text", "" -> Format.TEXT;
            case "json" -> Format.JSON;
            default -> throw new IllegalArgumentException("\"" + word + "\" is no log format, expected text or json");
        };
    }
}
