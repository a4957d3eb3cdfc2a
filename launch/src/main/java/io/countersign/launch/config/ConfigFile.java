// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.config;

import io.countersign.launch.FileFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a configuration file in HCL version 1 or JSON. */
public final class ConfigFile {
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\$|\\{([^}]*)}|([A-Za-z_][A-Za-z0-9_]*))");

    private ConfigFile() {}

    /**
     * Reads {@code file}, first replacing {@code $NAME} and <code>${NAME}</code> if {@code expandEnv} is set.
     *
     * @throws ConfigException if it cannot be read or is no HCL
     */
    public static ConfigBlock parse(Path file, boolean expandEnv) {
        try {
            var text = Files.readString(file);
            return parse(expandEnv ? expand(text, ConfigFile::environment) : text, file.toString());
        } catch (NoSuchFileException e) {
            throw failure(file.toString(), 0, "no such file, name another with -config");
        } catch (IOException e) {
            throw failure(file.toString(), 0, "cannot be read: " + FileFailure.words(e));
        }
    }

    /** {@code file} is only used in messages. */
    public static ConfigBlock parse(String text, String file) {
        try {
            return ConfigBlock.root(HclParser.parse(text), file);
        } catch (HclSyntaxException e) {
            throw failure(file, e.line(), String.valueOf(e.getMessage()));
        }
    }

    private static String environment(String name) {
        var value = System.getenv(name);
        return value == null ? "" : value;
    }

    static String expand(String text, UnaryOperator<String> variables) {
        return VARIABLE.matcher(text).replaceAll(match -> {
            if (match.group().equals("$$")) {
                return Matcher.quoteReplacement("$");
            }
            var name = match.group(1) != null ? match.group(1) : match.group(2);
            return Matcher.quoteReplacement(variables.apply(name));
        });
    }

    private static ConfigException failure(String file, int line, String message) {
        return new ConfigException(file, List.of(new Problem(line, "", message)));
    }
}
