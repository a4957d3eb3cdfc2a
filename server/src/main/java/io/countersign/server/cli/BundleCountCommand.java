// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.CountBundlesRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "count", description = "Count bundles")
final class BundleCountCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Override
    public Integer call() {
        var response = call.ask(channel -> ServerCall.waiting(BundleGrpc.newBlockingStub(channel))
                .countBundles(CountBundlesRequest.getDefaultInstance()));
        var out = spec.commandLine().getOut();
        int count = response.getCount();
        out.println(call.json() ? ServerCall.json(response) : count + (count == 1 ? " bundle" : " bundles"));
        return 0;
    }
}
