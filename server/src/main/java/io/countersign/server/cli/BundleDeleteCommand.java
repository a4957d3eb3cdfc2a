// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.bundle.BatchDeleteFederatedBundleRequest;
import io.countersign.serverapi.bundle.BatchDeleteFederatedBundleRequest.Mode;
import io.countersign.serverapi.bundle.BatchDeleteFederatedBundleResponse;
import io.countersign.serverapi.bundle.BundleGrpc;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "delete", description = "Deletes federated bundle data")
final class BundleDeleteCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Option(names = "--id", description = "SPIFFE ID of the trust domain")
    String id = "";

    @Option(
            names = "--mode",
            description = "What becomes of entries that federate with it: restrict, delete or dissociate (restrict)")
    String mode = "restrict";

    @Override
    public Integer call() {
        if (id.isEmpty()) {
            throw new IllegalArgumentException("id is required");
        }
        var request = BatchDeleteFederatedBundleRequest.newBuilder()
                .addTrustDomains(id)
                .setMode(mode())
                .build();
        var response = call.ask(
                "failed to delete federated bundle",
                channel ->
                        ServerCall.waiting(BundleGrpc.newBlockingStub(channel)).batchDeleteFederatedBundle(request));
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(response));
            return ServerCall.exitCode(response.getResultsList(), BatchDeleteFederatedBundleResponse.Result::getStatus);
        }
        var result = response.getResults(0);
        if (result.getStatus().getCode() != 0) {
            throw new IllegalStateException("failed to delete federated bundle \"" + result.getTrustDomain() + "\": "
                    + result.getStatus().getMessage());
        }
        out.println("bundle deleted.");
        return 0;
    }

    private Mode mode() {
        return switch (mode) {
            case "", "restrict" -> Mode.RESTRICT;
            case "delete" -> Mode.DELETE;
            case "dissociate" -> Mode.DISSOCIATE;
            default ->
                throw new IllegalArgumentException(
                        "unsupported mode \"" + mode + "\"; expected restrict, delete or dissociate");
        };
    }
}
