// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.trustdomain.GetFederationRelationshipRequest;
import io.countersign.serverapi.trustdomain.TrustDomainGrpc;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "show", description = "Shows a dynamic federation relationship")
final class FederationShowCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Option(names = "--trustDomain", description = "The trust domain name of the federation relationship to show")
    String trustDomain = "";

    @Override
    public Integer call() {
        if (trustDomain.isEmpty()) {
            throw new IllegalArgumentException("a trust domain name is required");
        }
        var found = call.ask(
                "error showing federation relationship",
                channel -> ServerCall.waiting(TrustDomainGrpc.newBlockingStub(channel))
                        .getFederationRelationship(GetFederationRelationshipRequest.newBuilder()
                                .setTrustDomain(trustDomain)
                                .build()));
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(found));
            return 0;
        }
        out.println("Found a federation relationship with trust domain " + trustDomain + ":\n");
        FederationReport.print(out, found);
        out.flush();
        return 0;
    }
}
