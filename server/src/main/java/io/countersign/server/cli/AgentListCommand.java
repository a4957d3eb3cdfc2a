// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.agent.ListAgentsResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "list", description = "Lists attested agents and their SPIFFE IDs")
final class AgentListCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Mixin
    AgentQuery query = new AgentQuery();

    @Override
    public Integer call() {
        var found = ListAgentsResponse.newBuilder()
                .addAllAgents(call.ask(channel -> AgentPages.all(channel, query.filter())))
                .build();
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(found));
            return 0;
        }
        int count = found.getAgentsCount();
        if (count == 0) {
            out.println("No attested agents found");
            return 0;
        }
        out.println("Found " + count + " attested " + (count == 1 ? "agent" : "agents") + ":");
        out.println();
        found.getAgentsList().forEach(agent -> {
            AgentReport.print(out, agent);
            out.println();
        });
        out.flush();
        return 0;
    }
}
