// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Without a word after it the same as {@code fetch x509}. */
@Command(
        name = "fetch",
        description = "Fetches SVIDs from the Workload API",
        subcommands = {FetchX509Command.class, FetchJwtCommand.class, FetchBundlesCommand.class})
final class FetchCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    FetchX509Options options = new FetchX509Options();

    @Override
    public Integer call() throws Exception {
        return options.fetch(spec.commandLine().getOut());
    }
}
