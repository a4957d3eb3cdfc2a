// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the command line asks for, in the way of Go's flags: one dash or two, a boolean's value only after an equals sign. */
sealed interface Options {
    String USAGE = """
            Usage of countersign oidc-discovery-provider:
              -config string
                    configuration file (default "oidc-discovery-provider.conf")
              -expandEnv
                    expand environment variables in config file
              -version
                    print version
            """;

    /** @param expandEnv whether {@code $NAME} in the file stands for a variable of the environment */
    record Run(Path config, boolean expandEnv) implements Options {}

    record ShowVersion() implements Options {}

    record ShowUsage() implements Options {}

    /**
     * @param why for a person
     * @param exitCode the original's: 1 for a word that is no flag, 2 for a wrong flag
     */
    record Wrong(String why, int exitCode) implements Options {}

    static Options parse(List<String> words) {
        var run = new Run(Path.of("oidc-discovery-provider.conf"), false);
        boolean version = false;
        for (int i = 0; i < words.size(); i++) {
            var word = words.get(i);
            if (word.length() < 2 || !word.startsWith("-") || word.equals("--")) {
                var rest = words.subList(word.equals("--") ? i + 1 : i, words.size());
                if (rest.isEmpty() || version) {
                    break;
                }
                return new Wrong("Error: unexpected arguments: [" + String.join(" ", rest) + "]", 1);
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
                        return new Wrong("flag needs an argument: -config", 2);
                    }
                    run = new Run(Path.of(value.isPresent() ? value.get() : words.get(++i)), run.expandEnv());
                }
                case "expandEnv", "version" -> {
                    var parsed = bool(value.orElse("true"));
                    if (parsed.isEmpty()) {
                        return new Wrong(
                                "invalid boolean value \"%s\" for -%s, expected true or false"
                                        .formatted(value.orElse(""), name),
                                2);
                    }
                    version = name.equals("version") ? parsed.get() : version;
                    run = name.equals("version") ? run : new Run(run.config(), parsed.get());
                }
                default -> {
                    return new Wrong("flag provided but not defined: -" + name, 2);
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
