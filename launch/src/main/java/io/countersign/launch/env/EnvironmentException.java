// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.env;

import java.util.List;

/** Everything that is wrong with the environment, one problem a line. */
public final class EnvironmentException extends RuntimeException {
    private final List<String> problems;

    EnvironmentException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
        return problems;
    }
}
