// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

/** Who runs the commands, and what is registered for whom. */
final class CommandUsers {
    /** Has one identity. */
    static final int ROOT = 0;

    static final int ORDINARY = 74000;
    /** Has two, one of them with a hint. */
    static final int TWO = 74001;
    /** Has none. */
    static final int NOBODY = 74002;
    /** Federates. */
    static final int FEDERATED = 74003;

    private CommandUsers() {}

    static void register(TwoAgents agents) {
        var server = agents.server();
        server.create(server.entry("/command", ORDINARY));
        server.create(server.entry("/first", TWO).setId("command-a").setHint("blue"));
        server.create(server.entry("/second", TWO).setId("command-b"));
        server.create(server.entry("/federated", FEDERATED).addFederatesWith("partner.example"));
    }
}
