// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import io.countersign.agent.cli.AgentCommand;

/** The node agent, with the command line of {@code spire-agent}. */
public final class AgentMain {
    private AgentMain() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs one command and gives its exit code. */
    public static int run(String... args) {
        return AgentCommand.run(args);
    }
}
