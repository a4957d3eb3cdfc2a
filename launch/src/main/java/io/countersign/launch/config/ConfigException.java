// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.config;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Everything that is wrong with a configuration file, in the order of its lines; the message has one line for each. */
public final class ConfigException extends RuntimeException {
    private final transient List<Problem> problems;

    public ConfigException(String file, List<Problem> problems) {
        super(problems.stream()
                .sorted(Comparator.comparingInt(Problem::line))
                .map(problem -> problem.at(file))
                .collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }
}
