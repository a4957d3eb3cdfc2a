// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.CountAgentsRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "count", description = "Count attested agents")
final class AgentCountCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Mixin
    AgentQuery query = new AgentQuery();

    @Override
    public Integer call() throws InvalidProtocolBufferException {
        // both filters have the same fields with the same numbers
        var filter = CountAgentsRequest.Filter.parseFrom(query.filter().toByteString());
        var response = call.ask(channel -> ServerCall.waiting(AgentGrpc.newBlockingStub(channel))
                .countAgents(CountAgentsRequest.newBuilder().setFilter(filter).build()));
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(response));
        } else {
            int count = response.getCount();
            out.println(count + " attested " + (count == 1 ? "agent" : "agents"));
        }
        return 0;
    }
}
