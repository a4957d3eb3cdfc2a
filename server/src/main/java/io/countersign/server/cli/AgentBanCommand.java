// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.BanAgentRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "ban", description = "Bans an attested agent")
final class AgentBanCommand implements Callable<Integer> {
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
                .banAgent(BanAgentRequest.newBuilder().setId(id).build()));
        spec.commandLine().getOut().println(call.json() ? ServerCall.json(answer) : "Agent banned successfully");
        return 0;
    }
}
