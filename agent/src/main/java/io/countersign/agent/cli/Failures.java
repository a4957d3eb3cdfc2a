// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import io.countersign.rpc.CodeNames;
import io.countersign.workloadapi.WorkloadApiException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What goes wrong, in the form in which the original's users and scripts know it. */
final class Failures {
    private Failures() {}

    static String words(Throwable failure) {
        return switch (failure) {
            case WorkloadApiException refused
            when refused.getCause() instanceof StatusRuntimeException rpc ->
                words(rpc) + refused.refusalId().map(id -> "; refusal " + id).orElse("");
            case StatusRuntimeException rpc -> words(rpc);
            default -> String.valueOf(failure.getMessage());
        };
    }

    private static String words(StatusRuntimeException failure) {
        return "rpc error: code = " + CodeNames.of(failure.getStatus().getCode()) + " desc = "
                + description(failure.getStatus());
    }

    /** With the causes that say more: the library's own words are "io exception". */
    private static String description(Status status) {
        var words = new StringBuilder(String.valueOf(status.getDescription()));
        for (var cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null) {
                words.append(": ").append(cause.getMessage());
            }
        }
        return words.toString();
    }

    /** What is wrong with the words of a command. */
    static String words(ParameterException wrong) {
        var first = wrong instanceof UnmatchedArgumentException unmatched
                ? unmatched.getUnmatched().getFirst()
                : "";
        if (first.startsWith("-")) {
            return "flag provided but not defined: " + flag(first.replaceFirst("=.*", ""));
        }
        if (wrong instanceof MissingParameterException missing
                && missing.getMissing().getFirst() instanceof OptionSpec option) {
            return "flag needs an argument: " + flag(option.longestName());
        }
        if (wrong.getArgSpec() instanceof OptionSpec option && wrong.getValue() != null) {
            var why = wrong.getCause() == null
                    ? wrong.getMessage()
                    : wrong.getCause().getMessage();
            return "invalid value \"" + wrong.getValue() + "\" for flag " + flag(option.longestName()) + ": " + why;
        }
        return String.valueOf(wrong.getMessage());
    }

    private static String flag(String name) {
        return name.replaceFirst("^--", "-");
    }
}
