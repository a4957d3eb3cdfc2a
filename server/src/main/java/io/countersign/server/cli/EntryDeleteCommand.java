// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.countersign.rpc.CodeNames;
import io.countersign.serverapi.entry.BatchDeleteEntryRequest;
import io.countersign.serverapi.entry.BatchDeleteEntryResponse;
import io.countersign.serverapi.entry.EntryGrpc;
import io.grpc.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "delete", description = "Deletes registration entries")
final class EntryDeleteCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Option(names = "--entryID", description = "The Registration Entry ID of the record to delete")
    String entryId = "";

    @Option(names = "--file", description = "A JSON file with {\"ids\": […]}; - for standard input")
    String file = "";

    @Override
    public Integer call() throws IOException {
        var request = BatchDeleteEntryRequest.newBuilder().addAllIds(ids()).build();
        var response = call.ask(channel ->
                ServerCall.waiting(EntryGrpc.newBlockingStub(channel)).batchDeleteEntry(request));
        if (call.json()) {
            spec.commandLine().getOut().println(ServerCall.json(response));
            return ServerCall.exitCode(response.getResultsList(), BatchDeleteEntryResponse.Result::getStatus);
        }
        print(response);
        return 0;
    }

    private List<String> ids() throws IOException {
        if (entryId.isEmpty() && file.isEmpty()) {
            throw new IllegalArgumentException("an entry ID is required");
        }
        if (!entryId.isEmpty() && !file.isEmpty()) {
            throw new IllegalArgumentException("-entryID and -file are both given; expected one of them");
        }
        if (file.isEmpty()) {
            return List.of(entryId);
        }
        try {
            var ids = new ArrayList<String>();
            JsonParser.parseString(EntryFile.text(file))
                    .getAsJsonObject()
                    .getAsJsonArray("ids")
                    .forEach(id -> ids.add(id.getAsString()));
            return ids;
        } catch (JsonParseException | IllegalStateException | NullPointerException e) {
            throw new IllegalArgumentException(
                    "file \"" + file + "\" holds no list of ids, expected {\"ids\": […]}", e);
        }
    }

    /** To the letter as the original: always entries, and no end of line after the summary. */
    private void print(BatchDeleteEntryResponse response) {
        var out = spec.commandLine().getOut();
        int deleted = 0;
        for (var result : response.getResultsList()) {
            if (result.getStatus().getCode() == 0) {
                deleted++;
                out.println("Deleted entry with ID: " + result.getId());
            }
        }
        if (deleted > 0) {
            out.print("\n\n");
        }
        int failed = response.getResultsCount() - deleted;
        if (failed == 0) {
            out.print("Deleted " + deleted + " entries successfully");
            out.flush();
            return;
        }
        for (var result : response.getResultsList()) {
            if (result.getStatus().getCode() != 0) {
                spec.commandLine().getErr().println(words(result));
            }
        }
        out.print(
                deleted == 0
                        ? "\n\nFailed to delete " + failed + " entries"
                        : "\n\nDeleted " + deleted + " entries successfully, but failed to delete " + failed
                                + " entries");
        out.flush();
        throw new IllegalStateException("failed to delete one or more entries");
    }

    private static String words(BatchDeleteEntryResponse.Result result) {
        var code = Status.fromCodeValue(result.getStatus().getCode()).getCode();
        return "Failed to delete entry with ID " + result.getId() + " (code: " + CodeNames.of(code) + ", msg: "
                + EntryReport.quoted(result.getStatus().getMessage()) + ")";
    }
}
