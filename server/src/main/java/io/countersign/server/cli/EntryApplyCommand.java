// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.server.declared.Difference;
import io.countersign.server.declared.EntriesFile;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.grpc.Channel;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Not a command of the original. The exit code is 0 if the server has what the file says, 1 for a failure, and with
 * {@code -dry-run} 2 if there is something to do.
 */
@Command(name = "apply", description = "Creates and updates registration entries so that they are as a file says")
final class EntryApplyCommand implements Callable<Integer> {
    private static final int DIFFERENT = 2;

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Option(
            names = {"-f", "--f", "--file"},
            paramLabel = "FILE",
            description = "A YAML or JSON file with entries; - for standard input")
    String file = "";

    @Option(
            names = "--prune",
            description = "Deletes the entries that are in the scope of the file and not in the file")
    boolean prune;

    @Option(
            names = {"--dry-run", "--dryRun"},
            description = "Changes nothing and prints what would change; the exit code is 2 if anything would")
    boolean dryRun;

    @Override
    public Integer call() throws IOException {
        if (file.isEmpty()) {
            throw new IllegalArgumentException("a file is required, expected -f FILE");
        }
        var declared = EntriesFile.parse(EntryFile.text(file), file);
        if (prune && declared.scope().isEmpty()) {
            throw new IllegalArgumentException("-prune deletes only within the scope that a file names, and \"" + file
                    + "\" has none; add scope with parent_ids, spiffe_ids_below or both, or leave -prune out");
        }
        return call.ask(channel -> apply(channel, declared));
    }

    private int apply(Channel channel, EntriesFile declared) {
        var present = EntryPages.all(channel, ListEntriesRequest.Filter.getDefaultInstance());
        var whole = Difference.between(declared, present);
        var difference = prune ? whole : whole.withoutDeletes();
        var report =
                new ChangeReport(spec.commandLine().getOut(), spec.commandLine().getErr(), call.json(), dryRun);
        if (dryRun) {
            difference.changes().forEach(report::planned);
        } else {
            new ChangeCalls(channel, report).make(difference);
        }
        report.conclude(difference.unchanged(), prune ? 0 : whole.surplus().size());
        if (report.hasFailures()) {
            throw new IllegalStateException("failed to apply one or more entries"
                    + (difference.surplus().isEmpty()
                            ? ""
                            : "; nothing is deleted until all others are as the file says"));
        }
        return dryRun && !difference.isEmpty() ? DIFFERENT : 0;
    }
}
