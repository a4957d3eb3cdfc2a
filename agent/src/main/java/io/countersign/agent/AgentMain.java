// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import io.countersign.agent.cli.AgentCommand;
import io.countersign.rpc.RpcChannels;

/** The node agent, with the command line of {@code spire-agent}. */
public final class AgentMain {
    private AgentMain() {}

    public static void main(String[] args) {
        int code = run(args);
        RpcChannels.endProcess();
        System.exit(code);
    }

    /** Runs one command and gives its exit code. */
    public static int run(String... args) {
        return AgentCommand.run(args);
    }
}
