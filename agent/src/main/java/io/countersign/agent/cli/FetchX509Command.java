// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "x509", description = "Fetches X509 SVIDs from the Workload API")
final class FetchX509Command implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    FetchX509Options options = new FetchX509Options();

    @Override
    public Integer call() throws Exception {
        return options.fetch(spec.commandLine().getOut());
    }
}
