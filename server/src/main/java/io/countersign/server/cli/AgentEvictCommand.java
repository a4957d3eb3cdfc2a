// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.DeleteAgentRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "evict", description = "Evicts an attested agent given its SPIFFE ID")
final class AgentEvictCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Option(names = "--spiffeID", description = "The SPIFFE ID of the agent")
    String spiffeId = "";

    @Override
    public Integer call() {
        var id = AgentReport.asked(spiffeId);
        var answer = call.ask(channel -> ServerCall.waiting(AgentGrpc.newBlockingStub(channel))
                .deleteAgent(DeleteAgentRequest.newBuilder().setId(id).build()));
        spec.commandLine().getOut().println(call.json() ? ServerCall.json(answer) : "Agent evicted successfully");
        return 0;
    }
}
