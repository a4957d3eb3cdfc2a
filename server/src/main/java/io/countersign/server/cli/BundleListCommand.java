// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.protobuf.Message;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetFederatedBundleRequest;
import io.countersign.serverapi.bundle.ListFederatedBundlesRequest;
import io.countersign.serverapi.types.Bundle;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "list", description = "Lists federated bundle data")
final class BundleListCommand implements Callable<Integer> {
    private static final String LINE = "*".repeat(40);

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Option(names = "--id", description = "SPIFFE ID of the trust domain")
    String id = "";

    @Option(names = "--format", description = "pem or spiffe (pem)")
    String format = "pem";

    @Override
    public Integer call() {
        if (id.isEmpty()) {
            var all = call.ask(channel -> ServerCall.waiting(BundleGrpc.newBlockingStub(channel))
                    .listFederatedBundles(ListFederatedBundlesRequest.getDefaultInstance()));
            print(all, out -> print(out, all.getBundlesList()));
        } else {
            var one = call.ask(channel -> ServerCall.waiting(BundleGrpc.newBlockingStub(channel))
                    .getFederatedBundle(GetFederatedBundleRequest.newBuilder()
                            .setTrustDomain(id)
                            .build()));
            print(one, out -> BundleFormat.named(format).print(out, one));
        }
        return 0;
    }

    private void print(Message answer, Consumer<PrintWriter> pretty) {
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(answer));
        } else {
            pretty.accept(out);
        }
    }

    private void print(PrintWriter out, List<Bundle> bundles) {
        for (int i = 0; i < bundles.size(); i++) {
            var wanted = BundleFormat.named(format);
            out.print(i == 0 ? "" : "\n");
            out.println(LINE + "\n* " + bundles.get(i).getTrustDomain() + "\n" + LINE);
            wanted.print(out, bundles.get(i));
        }
    }
}
