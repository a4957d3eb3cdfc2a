// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import io.countersign.serverapi.entry.CountEntriesRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "count", description = "Count registration entries")
final class EntryCountCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Mixin
    EntryQuery query = new EntryQuery();

    @Override
    public Integer call() throws InvalidProtocolBufferException {
        // both filters have the same fields with the same numbers
        var filter = CountEntriesRequest.Filter.parseFrom(query.filter().toByteString());
        var response = call.ask(channel -> ServerCall.waiting(EntryGrpc.newBlockingStub(channel))
                .countEntries(CountEntriesRequest.newBuilder().setFilter(filter).build()));
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(response));
        } else {
            out.println(response.getCount() + " registration " + EntryReport.noun(response.getCount()));
        }
        return 0;
    }
}
