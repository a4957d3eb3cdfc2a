// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.countersign.server.declared.Change;
import io.countersign.server.declared.Change.Create;
import io.countersign.server.declared.Change.Delete;
import io.countersign.server.declared.Change.Update;
import io.countersign.serverapi.types.Status;
import java.io.PrintWriter;

/** Prints changes as they are planned or made, in words at once, as JSON all of them at the end. Not thread-safe. */
final class ChangeReport {
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean json;
    private final JsonArray changes = new JsonArray();
    private final boolean dry;
    private int created;
    private int updated;
    private int deleted;
    private int failed;

    /** @param dry whether changes are only planned */
    ChangeReport(PrintWriter out, PrintWriter err, boolean json, boolean dry) {
        this.out = out;
        this.err = err;
        this.json = json;
        this.dry = dry;
    }

    /** A change that is only thought of. */
    void planned(Change change) {
        count(change);
        print(change);
    }

    /** A change that a server was asked for. */
    void made(Change change, Status status) {
        boolean refused = status.getCode() != 0;
        if (refused) {
            failed++;
        } else {
            count(change);
        }
        if (json) {
            var object = json(change);
            object.add("status", json(status));
            changes.add(object);
        } else if (refused) {
            out.flush();
            EntryReport.printFailure(err, change.verb(), status, change.entry());
        } else {
            print(change);
        }
    }

    boolean hasFailures() {
        return failed > 0;
    }

    /** @param surplus how many entries pruning would delete */
    void conclude(int unchanged, int surplus) {
        if (json) {
            var all = new JsonObject();
            all.add("changes", changes);
            all.addProperty("dry_run", dry);
            all.addProperty("not_pruned", surplus);
            all.addProperty("unchanged", unchanged);
            out.println(SortedJson.of(all.toString()));
        } else {
            out.println(
                    created + (dry ? " to create, " : " created, ") + updated + (dry ? " to update, " : " updated, ")
                            + deleted + (dry ? " to delete, " : " deleted, ") + unchanged + " unchanged"
                            + (failed == 0 ? "" : ", " + failed + " failed"));
            if (surplus > 0) {
                out.println(surplus + " " + EntryReport.noun(surplus)
                        + " in the scope of the file, but not in the file; -prune deletes");
            }
        }
        out.flush();
    }

    private void count(Change change) {
        switch (change) {
            case Create _ -> created++;
            case Update _ -> updated++;
            case Delete _ -> deleted++;
        }
    }

    private void print(Change change) {
        if (json) {
            changes.add(json(change));
            return;
        }
        var entry = change.entry();
        out.println(change.verb() + " " + (entry.getId().isEmpty() ? "(new)" : entry.getId()) + ": "
                + EntryReport.id(entry.getSpiffeId()) + " below " + EntryReport.id(entry.getParentId()));
        change.lines().forEach(line -> out.println("  " + line));
    }

    private static JsonObject json(Change change) {
        var object = new JsonObject();
        object.addProperty("action", change.verb());
        object.addProperty("entry_id", change.entry().getId());
        object.addProperty("spiffe_id", EntryReport.id(change.entry().getSpiffeId()));
        object.addProperty("parent_id", EntryReport.id(change.entry().getParentId()));
        var lines = new JsonArray();
        change.lines().forEach(lines::add);
        object.add("lines", lines);
        return object;
    }

    private static JsonObject json(Status status) {
        var object = new JsonObject();
        object.addProperty("code", status.getCode());
        object.addProperty("message", status.getMessage());
        return object;
    }
}
