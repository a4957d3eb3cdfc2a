// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.trustdomain.ListFederationRelationshipsRequest;
import io.countersign.serverapi.trustdomain.TrustDomainGrpc;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "list", description = "Lists all dynamic federation relationships")
final class FederationListCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Override
    public Integer call() {
        var found = call.ask(
                "error listing federation relationship",
                channel -> ServerCall.waiting(TrustDomainGrpc.newBlockingStub(channel))
                        .listFederationRelationships(ListFederationRelationshipsRequest.getDefaultInstance()));
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(found));
            return 0;
        }
        int count = found.getFederationRelationshipsCount();
        out.println("Found " + count + " federation relationship" + (count == 1 ? "" : "s"));
        found.getFederationRelationshipsList().forEach(relationship -> {
            out.println();
            FederationReport.print(out, relationship);
        });
        out.flush();
        return 0;
    }
}
