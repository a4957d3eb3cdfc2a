// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.config;

import io.countersign.launch.LogSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A block whose keys the command line may override. As with the originals an empty value counts as absent, and a flag
 * cannot take back a {@code true} of the file.
 *
 * @param flags by the key that they override, such as {@code server_port}
 */
public record FlaggedBlock(ConfigBlock block, Map<String, String> flags) {
    private static final int HIGHEST_PORT = 65535;

    public FlaggedBlock {
        flags = Map.copyOf(flags);
    }

    public Optional<String> text(String key) {
        var inFile = block.string(key);
        return Optional.ofNullable(flags.get(key))
                .filter(flag -> !flag.isEmpty())
                .or(() -> inFile);
    }

    public boolean flag(String key) {
        boolean inFile = block.bool(key, false);
        return inFile || Boolean.parseBoolean(flags.getOrDefault(key, "false"));
    }

    /** Empty, and a problem noted, if it is missing. */
    public String required(String key) {
        var value = text(key);
        if (value.isEmpty()) {
            block.problem(key, "is missing, expected a value");
        }
        return value.orElse("");
    }

    /** A TCP port; nothing if it is missing, or if it is wrong, which is noted. */
    public OptionalInt port(String key) {
        var value = text(key);
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        try {
            int port = Integer.parseInt(value.get());
            if (port > 0 && port <= HIGHEST_PORT) {
                return OptionalInt.of(port);
            }
        } catch (NumberFormatException e) {
            return notedPort(key, value.get());
        }
        return notedPort(key, value.get());
    }

    private OptionalInt notedPort(String key, String value) {
        block.problem(key, "\"" + value + "\" is no port, expected 1 to " + HIGHEST_PORT);
        return OptionalInt.empty();
    }

    /** {@code log_level}, {@code log_format}, {@code log_file} and {@code log_source_location}. */
    public LogSettings log() {
        var standard = LogSettings.standard();
        var level = standard.level();
        var format = standard.format();
        try {
            level = text("log_level").map(LogSettings::level).orElse(level);
        } catch (IllegalArgumentException e) {
            block.problem("log_level", String.valueOf(e.getMessage()));
        }
        try {
            format = text("log_format").map(LogSettings::format).orElse(format);
        } catch (IllegalArgumentException e) {
            block.problem("log_format", String.valueOf(e.getMessage()));
        }
        return new LogSettings(level, format, text("log_file").map(Path::of), flag("log_source_location"));
    }
}
