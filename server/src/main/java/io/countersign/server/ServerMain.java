// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import io.countersign.server.cli.ServerCommand;

/** The identity server, with the command line of {@code spire-server}. */
public final class ServerMain {
    private ServerMain() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs one command and gives its exit code. */
    public static int run(String... args) {
        return ServerCommand.run(args);
    }
}
