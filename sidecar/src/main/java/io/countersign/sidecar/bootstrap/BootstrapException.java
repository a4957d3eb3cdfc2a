// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import java.util.List;
import java.util.stream.Collectors;

/** Everything that keeps a file from being run, one line each: {@code file:line: path: what}. */
public final class BootstrapException extends RuntimeException {
    private final transient List<Problem> problems;

    /** @param line counts from 1; 0 stands for the file as a whole */
    public record Problem(int line, String path, String message) {}

    BootstrapException(String file, List<Problem> problems) {
        super(problems.stream()
                .map(problem -> file
                        + (problem.line() > 0 ? ":" + problem.line() : "")
                        + ": "
                        + (problem.path().isEmpty() ? "" : problem.path() + ": ")
                        + problem.message())
                .collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }
}
