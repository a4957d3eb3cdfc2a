// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.server.declared.EntriesDocument;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Not a command of the original. What it prints changes nothing if it is applied to the same server. */
@Command(name = "export", description = "Prints registration entries as a file that \"entry apply\" takes")
final class EntryExportCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Mixin
    EntryQuery query = new EntryQuery();

    @Override
    public Integer call() {
        var filter = query.filter();
        var entries = call.ask("error fetching entries", channel -> EntryPages.all(channel, filter));
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(EntriesDocument.json(entries));
        } else {
            out.print(EntriesDocument.yaml(entries));
        }
        out.flush();
        return 0;
    }
}
