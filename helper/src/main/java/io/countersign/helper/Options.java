// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the command line asks for, in the way of Go's flags: one dash or two, a boolean's value only after an equals sign. */
sealed interface Options {
    Path STANDARD_FILE = Path.of("helper.conf");
    String USAGE = """
            Usage of countersign helper:
              -config string
                    the configuration file (default "helper.conf")
              -daemon-mode
                    keep the files new; -daemon-mode=false writes them once (overrides daemon_mode of the file)
              -version
                    print the version
              As first word, check says what is on the disk; countersign helper check -h tells more.
            """;
    String CHECK_USAGE = """
            Usage of countersign helper check: says which files are there, with which modes and owners, whether key,
            certificate and bundle belong together, and until when; exit code 0 if all is good, else 1
              -config string
                    the configuration file (default "helper.conf")
              -output string
                    text or json (default "text")
            """;

    /** @param daemon only if the flag was given */
    record Run(Path config, Optional<Boolean> daemon) implements Options {}

    /** @param json whether for a program; otherwise for a person */
    record Check(Path config, boolean json) implements Options {}

    record ShowVersion() implements Options {}

    record ShowUsage(String usage) implements Options {}

    /** @param why for a person */
    record Wrong(String why, String usage) implements Options {}

    static Options parse(List<String> words) {
        return !words.isEmpty() && words.getFirst().equals("check")
                ? check(words.subList(1, words.size()))
                : run(words);
    }

    private static Options check(List<String> words) {
        var check = new Check(STANDARD_FILE, false);
        for (int i = 0; i < words.size(); i++) {
            var flag = Flag.of(words.get(i));
            if (flag.isEmpty()) {
                return new Wrong("unexpected argument \"" + words.get(i) + "\", expected a flag", CHECK_USAGE);
            }
            var name = flag.get().name();
            if (name.equals("h") || name.equals("help")) {
                return new ShowUsage(CHECK_USAGE);
            }
            if (!name.equals("config") && !name.equals("output")) {
                return new Wrong("flag provided but not defined: -" + name, CHECK_USAGE);
            }
            if (flag.get().value().isEmpty() && i + 1 == words.size()) {
                return new Wrong("flag needs an argument: -" + name, CHECK_USAGE);
            }
            var value = flag.get().value().isPresent() ? flag.get().value().get() : words.get(++i);
            if (name.equals("config")) {
                check = new Check(Path.of(value), check.json());
            } else if (value.equals("text") || value.equals("json")) {
                check = new Check(check.config(), value.equals("json"));
            } else {
                return new Wrong("invalid value \"" + value + "\" for -output, expected text or json", CHECK_USAGE);
            }
        }
        return check;
    }

    /**
     * A word with a dash or two.
     *
     * @param value what follows an equals sign
     */
    record Flag(String name, Optional<String> value) {
        static Optional<Flag> of(String word) {
            if (word.length() < 2 || !word.startsWith("-") || word.equals("--")) {
                return Optional.empty();
            }
            var flag = word.replaceFirst("^--?", "");
            int equals = flag.indexOf('=');
            return Optional.of(
                    equals < 0
                            ? new Flag(flag, Optional.empty())
                            : new Flag(flag.substring(0, equals), Optional.of(flag.substring(equals + 1))));
        }
    }

    private static Options run(List<String> words) {
        var run = new Run(STANDARD_FILE, Optional.empty());
        boolean version = false;
        for (int i = 0; i < words.size(); i++) {
            var word = words.get(i);
            if (word.equals("--") && i + 1 == words.size()) {
                break;
            }
            var flag = Flag.of(word);
            if (flag.isEmpty()) {
                return new Wrong("unexpected argument \"" + word + "\"; a value of a boolean flag follows an =", USAGE);
            }
            var name = flag.get().name();
            var value = flag.get().value();
            switch (name) {
                case "h", "help" -> {
                    return new ShowUsage(USAGE);
                }
                case "config" -> {
                    if (value.isEmpty() && i + 1 == words.size()) {
                        return new Wrong("flag needs an argument: -config", USAGE);
                    }
                    run = new Run(Path.of(value.isPresent() ? value.get() : words.get(++i)), run.daemon());
                }
                case "daemon-mode", "version" -> {
                    var parsed = bool(value.orElse("true"));
                    if (parsed.isEmpty()) {
                        return new Wrong(
                                "invalid boolean value \"%s\" for -%s, expected true or false"
                                        .formatted(value.orElse(""), name),
                                USAGE);
                    }
                    version = name.equals("version") ? parsed.get() : version;
                    run = name.equals("version") ? run : new Run(run.config(), parsed);
                }
                default -> {
                    return new Wrong("flag provided but not defined: -" + name, USAGE);
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
