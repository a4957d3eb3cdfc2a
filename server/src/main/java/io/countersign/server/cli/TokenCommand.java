// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.server.wire.Ids;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.spiffe.SpiffeId;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "token", description = "Join tokens", subcommands = TokenCommand.Generate.class)
final class TokenCommand {
    private static final int STANDARD_TTL = 600;

    @Command(name = "generate", description = "Generates a join token")
    static final class Generate implements Callable<Integer> {
        @Spec
        CommandSpec spec = CommandSpec.create();

        @Mixin
        ServerCall call = new ServerCall();

        @Option(names = "--ttl", description = "Token TTL in seconds (600)")
        int ttl = STANDARD_TTL;

        @Option(names = "--spiffeID", description = "Additional SPIFFE ID to assign the token owner (optional)")
        String spiffeId = "";

        @Override
        public Integer call() {
            var request = CreateJoinTokenRequest.newBuilder().setTtl(ttl);
            if (!spiffeId.isEmpty()) {
                request.setAgentId(Ids.message(SpiffeId.parse(spiffeId)));
            }
            var token = call.ask(channel ->
                    ServerCall.waiting(AgentGrpc.newBlockingStub(channel)).createJoinToken(request.build()));
            var out = spec.commandLine().getOut();
            if (call.json()) {
                out.println(ServerCall.json(token));
                return 0;
            }
            out.println("Token: " + token.getValue());
            if (spiffeId.isEmpty()) {
                out.println("Warning: Missing SPIFFE ID.");
            }
            return 0;
        }
    }
}
