// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.server.wire.Results;
import io.countersign.serverapi.trustdomain.RefreshBundleRequest;
import io.countersign.serverapi.trustdomain.TrustDomainGrpc;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "refresh", description = "Refreshes the bundle from the specified federated trust domain")
final class FederationRefreshCommand implements Callable<Integer> {
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
        var request = RefreshBundleRequest.newBuilder().setTrustDomain(id).build();
        try {
            var _ = call.ask(channel ->
                    ServerCall.waiting(TrustDomainGrpc.newBlockingStub(channel)).refreshBundle(request));
        } catch (StatusRuntimeException e) {
            throw new IllegalStateException(
                    e.getStatus().getCode() == Code.NOT_FOUND
                            ? "there is no federation relationship with trust domain \"" + id + "\""
                            : "failed to refresh bundle: " + CallFailure.words(e),
                    e);
        }
        spec.commandLine().getOut().println(call.json() ? ServerCall.json(Results.OK) : "Bundle refreshed");
        return 0;
    }
}
