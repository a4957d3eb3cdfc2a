// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.GetAgentRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "show", description = "Shows the details of an attested agent")
final class AgentShowCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Option(names = "--spiffeID", description = "The SPIFFE ID of the agent")
    String spiffeId = "";

    @Override
    public Integer call() {
        var id = AgentReport.asked(spiffeId);
        var agent = call.ask(channel -> ServerCall.waiting(AgentGrpc.newBlockingStub(channel))
                .getAgent(GetAgentRequest.newBuilder().setId(id).build()));
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(agent));
            return 0;
        }
        out.println("Found an attested agent given its SPIFFE ID");
        out.println();
        AgentReport.print(out, agent);
        out.println();
        agent.getSelectorsList()
                .forEach(
                        selector -> AgentReport.line(out, "Selectors", selector.getType() + ":" + selector.getValue()));
        out.flush();
        return 0;
    }
}
