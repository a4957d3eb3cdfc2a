// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.ListAgentsRequest;
import io.countersign.serverapi.types.Agent;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.List;

/** All agents that fit, in the order of the server. */
final class AgentPages {
    private static final int PAGE = 1000;

    private AgentPages() {}

    static List<Agent> all(Channel channel, ListAgentsRequest.Filter filter) {
        var all = new ArrayList<Agent>();
        var token = "";
        do {
            var page = ServerCall.waiting(AgentGrpc.newBlockingStub(channel))
                    .listAgents(ListAgentsRequest.newBuilder()
                            .setFilter(filter)
                            .setPageSize(PAGE)
                            .setPageToken(token)
                            .build());
            all.addAll(page.getAgentsList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return all;
    }
}
