// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import java.util.List;

/**
 * How an agent proves itself, in the words of both configuration files.
 *
 * @param server what the server is told
 * @param agent what the agent is told
 * @param alias the flags of {@code entry create} that give this node another name
 */
record NodeProof(String attestor, String server, String agent, List<String> alias) {
    /** For a node whose path is known before it comes. */
    static NodeProof of(String attestor, String server, String agent, String path) {
        var id = "spiffe://" + Tier.TRUST_DOMAIN + "/spire/agent" + path;
        return new NodeProof(attestor, server, agent, List.of("-parentID", id, "-selector", "spiffe_id:" + id));
    }

    String onServer() {
        return block(server);
    }

    String onAgent() {
        return block(agent);
    }

    private String block(String data) {
        return "NodeAttestor \"" + attestor + "\" {\n  plugin_data {\n" + data + "\n  }\n}\n";
    }
}
