// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import io.countersign.rpc.RpcChannels;
import io.countersign.server.cli.ServerCommand;

/** The identity server, with the command line of {@code spire-server}. */
public final class ServerMain {
    private ServerMain() {}

    public static void main(String[] args) {
        int code = run(args);
        RpcChannels.endProcess();
        System.exit(code);
    }

    /** Runs one command and gives its exit code. */
    public static int run(String... args) {
        return ServerCommand.run(args);
    }
}
