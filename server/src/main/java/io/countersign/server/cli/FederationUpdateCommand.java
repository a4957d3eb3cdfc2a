// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.server.cli.FederationReport.Outcome;
import io.countersign.serverapi.trustdomain.BatchUpdateFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.BatchUpdateFederationRelationshipResponse;
import io.countersign.serverapi.trustdomain.TrustDomainGrpc;
import java.io.IOException;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "update", description = "Updates a dynamic federation relationship with a foreign trust domain")
final class FederationUpdateCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Mixin
    FederationFlags flags = new FederationFlags();

    @Override
    public Integer call() throws IOException {
        var wanted = flags.relationships();
        var response = call.ask(
                "request failed",
                channel -> ServerCall.waiting(TrustDomainGrpc.newBlockingStub(channel))
                        .batchUpdateFederationRelationship(BatchUpdateFederationRelationshipRequest.newBuilder()
                                .addAllFederationRelationships(wanted)
                                .build()));
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(response));
            return ServerCall.exitCode(
                    response.getResultsList(), BatchUpdateFederationRelationshipResponse.Result::getStatus);
        }
        var outcomes = new ArrayList<Outcome>();
        for (int i = 0; i < response.getResultsCount(); i++) {
            var result = response.getResults(i);
            outcomes.add(new Outcome(result.getStatus(), wanted.get(i), result.getFederationRelationship()));
        }
        FederationReport.print("update", outcomes, out, spec.commandLine().getErr());
        return 0;
    }
}
