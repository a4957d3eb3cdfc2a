// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.trustdomain.BatchDeleteFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.BatchDeleteFederationRelationshipResponse;
import io.countersign.serverapi.trustdomain.TrustDomainGrpc;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "delete", description = "Deletes a dynamic federation relationship")
final class FederationDeleteCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Option(names = "--id", description = "SPIFFE ID of the trust domain")
    String id = "";

    @Override
    public Integer call() {
        if (id.isEmpty()) {
            throw new IllegalArgumentException("id is required");
        }
        var response = call.ask(
                "failed to delete federation relationship",
                channel -> ServerCall.waiting(TrustDomainGrpc.newBlockingStub(channel))
                        .batchDeleteFederationRelationship(BatchDeleteFederationRelationshipRequest.newBuilder()
                                .addTrustDomains(id)
                                .build()));
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(response));
            return ServerCall.exitCode(
                    response.getResultsList(), BatchDeleteFederationRelationshipResponse.Result::getStatus);
        }
        var result = response.getResults(0);
        if (result.getStatus().getCode() != 0) {
            throw new IllegalStateException("failed to delete federation relationship \"" + result.getTrustDomain()
                    + "\": " + result.getStatus().getMessage());
        }
        out.println("federation relationship deleted.");
        return 0;
    }
}
