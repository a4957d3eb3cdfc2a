// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is wrong with the flags, in the words of Go's programs, which scripts know from SPIRE. */
final class FlagMistake {
    private FlagMistake() {}

    static String words(ParameterException wrong) {
        if (wrong instanceof UnmatchedArgumentException unmatched
                && unmatched.getUnmatched().getFirst().startsWith("--")) {
            return "flag provided but not defined: -"
                    + name(unmatched.getUnmatched().getFirst());
        }
        if (wrong instanceof MissingParameterException missing
                && missing.getMissing().getFirst() instanceof OptionSpec option) {
            return "flag needs an argument: -" + name(option.longestName());
        }
        if (wrong.getArgSpec() instanceof OptionSpec option && wrong.getValue() != null) {
            var flag = "-" + name(option.longestName());
            return isFlag(option)
                    ? "invalid boolean value \"" + wrong.getValue() + "\" for " + flag + ": parse error"
                    : "invalid value \"" + wrong.getValue() + "\" for flag " + flag + ": " + reason(option, wrong);
        }
        return String.valueOf(wrong.getMessage());
    }

    private static boolean isFlag(OptionSpec option) {
        return option.type() == boolean.class || option.type() == Boolean.class;
    }

    private static String reason(OptionSpec option, ParameterException wrong) {
        return option.converters().length > 0 && wrong.getCause() instanceof TypeConversionException own
                ? String.valueOf(own.getMessage())
                : "parse error";
    }

    private static String name(String flag) {
        int value = flag.indexOf('=');
        return (value < 0 ? flag : flag.substring(0, value)).replaceFirst("^--", "");
    }
}
