// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import io.countersign.launch.audit.ChainCheck;
import io.countersign.launch.audit.ChainCheck.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is not SPIRE's: its agents write no such files. */
@Command(name = "audit", description = "Audit files", subcommands = AuditCommand.Verify.class)
final class AuditCommand {
    @Command(
            name = "verify",
            description = "Verifies that no line of audit files was changed, removed or put elsewhere")
    static final class Verify implements Callable<Integer> {
        @Spec
        CommandSpec spec = CommandSpec.create();

        @Parameters(arity = "1..*", paramLabel = "FILE", description = "The audit file and older ones, in any order.")
        List<Path> files = new ArrayList<>();

        @Option(
                names = "--head",
                paramLabel = "HASH",
                description = "Hash of a line that must be there, as an earlier check or the agent's log said.")
        String head = "";

        @Override
        public Integer call() throws IOException {
            var expected = head.isEmpty() ? Optional.<String>empty() : Optional.of(head);
            return switch (ChainCheck.run(files, expected)) {
                case Finding.Intact(var first, var last, var hash) -> {
                    spec.commandLine().getOut().println("Lines " + first + " to " + last + " are intact.");
                    spec.commandLine().getOut().println("Head: " + hash);
                    yield 0;
                }
                case Finding.Broken(var file, var line, var why) -> {
                    spec.commandLine().getErr().println(file + ":" + line + ": " + why);
                    yield 1;
                }
            };
        }
    }
}
