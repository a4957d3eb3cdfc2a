// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.bundle.BatchSetFederatedBundleRequest;
import io.countersign.serverapi.bundle.BatchSetFederatedBundleResponse;
import io.countersign.serverapi.bundle.BundleGrpc;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "set", description = "Creates or updates federated bundle data")
final class BundleSetCommand implements Callable<Integer> {
    private static final String STANDARD_INPUT = "-";

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Option(names = "--id", description = "SPIFFE ID of the trust domain")
    String id = "";

    @Option(names = "--path", paramLabel = "FILE", description = "The bundle data; without it standard input")
    String path = "";

    @Option(names = "--format", description = "pem or spiffe (pem)")
    String format = "pem";

    @Override
    public Integer call() throws IOException {
        if (id.isEmpty()) {
            throw new IllegalArgumentException("id flag is required");
        }
        var wanted = BundleFormat.named(format);
        var bundle = wanted.parse(text(), id);
        var response = call.ask(
                "failed to set federated bundle",
                channel -> ServerCall.waiting(BundleGrpc.newBlockingStub(channel))
                        .batchSetFederatedBundle(BatchSetFederatedBundleRequest.newBuilder()
                                .addBundle(bundle)
                                .build()));
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(response));
            return ServerCall.exitCode(response.getResultsList(), BatchSetFederatedBundleResponse.Result::getStatus);
        }
        var status = response.getResults(0).getStatus();
        if (status.getCode() != 0) {
            throw new IllegalStateException("failed to set federated bundle: " + status.getMessage());
        }
        out.println("bundle set.");
        return 0;
    }

    private String text() throws IOException {
        try {
            return EntryFile.text(path.isEmpty() ? STANDARD_INPUT : path);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("unable to load bundle data: " + e.getMessage(), e);
        }
    }
}
