// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the command line asks for, in the way of Go's flags: one dash or two, a boolean's value only after an equals sign. */
sealed interface Options {
    String USAGE = """
            Usage of countersign helper:
              -config string
                    the configuration file (default "helper.conf")
              -daemon-mode
                    keep the files new; -daemon-mode=false writes them once (overrides daemon_mode of the file)
              -version
                    print the version
            """;

    /** @param daemon only if the flag was given */
    record Run(Path config, Optional<Boolean> daemon) implements Options {}

    record ShowVersion() implements Options {}

    record ShowUsage() implements Options {}

    /** @param why for a person */
    record Wrong(String why) implements Options {}

    static Options parse(List<String> words) {
        var run = new Run(Path.of("helper.conf"), Optional.empty());
        boolean version = false;
        for (int i = 0; i < words.size(); i++) {
            var word = words.get(i);
            if (word.length() < 2 || !word.startsWith("-") || word.equals("--")) {
                return new Wrong("unexpected argument \"" + word + "\"; a value of a boolean flag follows an =");
            }
            var flag = word.replaceFirst("^--?", "");
            int equals = flag.indexOf('=');
            var name = equals < 0 ? flag : flag.substring(0, equals);
            var value = equals < 0 ? Optional.<String>empty() : Optional.of(flag.substring(equals + 1));
            switch (name) {
                case "h", "help" -> {
                    return new ShowUsage();
                }
                case "config" -> {
                    if (value.isEmpty() && i + 1 == words.size()) {
                        return new Wrong("flag needs an argument: -config");
                    }
                    run = new Run(Path.of(value.isPresent() ? value.get() : words.get(++i)), run.daemon());
                }
                case "daemon-mode", "version" -> {
                    var parsed = bool(value.orElse("true"));
                    if (parsed.isEmpty()) {
                        return new Wrong("invalid boolean value \"%s\" for -%s, expected true or false"
                                .formatted(value.orElse(""), name));
                    }
                    version = name.equals("version") ? parsed.get() : version;
                    run = name.equals("version") ? run : new Run(run.config(), parsed);
                }
                default -> {
                    return new Wrong("flag provided but not defined: -" + name);
                }
            }
        }
        return version ? new ShowVersion() : run;
    }

    private static Optional<Boolean> bool(String text) {
        if (Set.of("1", "t", "T", "true", "TRUE", "True").contains(text)) {
            return Optional.of(true);
        }
        if (Set.of("0", "f", "F", "false", "FALSE", "False").contains(text)) {
            return Optional.of(false);
        }
        return Optional.empty();
    }
}
