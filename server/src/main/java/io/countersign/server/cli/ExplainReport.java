// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.countersign.server.cli.EntryExplainCommand.Explained;
import io.countersign.server.explain.Obstacle;
import io.countersign.server.explain.Obstacle.Banned;
import io.countersign.server.explain.Obstacle.Circle;
import io.countersign.server.explain.Obstacle.Expired;
import io.countersign.server.explain.Obstacle.MissingSelectors;
import io.countersign.server.explain.Obstacle.OtherAgent;
import io.countersign.server.explain.Obstacle.UnknownParent;
import io.countersign.server.explain.Verdict;
import io.countersign.server.wire.Selectors;
import io.countersign.serverapi.types.Entry;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;

/** Verdicts in words and as JSON. */
record ExplainReport(PrintWriter out, Instant now) {
    void print(List<Explained> all) {
        if (all.isEmpty()) {
            out.println("There are no entries");
        }
        all.forEach(this::print);
        out.flush();
    }

    private void print(Explained explained) {
        var entry = explained.entry();
        line("Entry ID", entry.getId());
        line("SPIFFE ID", EntryReport.id(entry.getSpiffeId()));
        line("Parent ID", EntryReport.id(entry.getParentId()));
        line(
                isAlias(entry) ? "Node selectors" : "Selectors",
                String.join(", ", Selectors.texts(entry.getSelectorsList())));
        if (isExpired(entry)) {
            line("Expired", Instant.ofEpochSecond(entry.getExpiresAt()) + "; the server is about to delete it");
        }
        var served = explained.verdicts().stream().filter(Verdict::isServed).toList();
        int agents = explained.verdicts().size();
        line(
                isAlias(entry) ? "Applies to" : "Served by",
                agents == 0
                        ? "nobody: no agent is attested"
                        : served.size() + " of " + agents + (agents == 1 ? " agent" : " agents"));
        for (var verdict : served) {
            out.println("  yes  " + EntryReport.id(verdict.agent().getId()));
            out.println("         " + way(entry, verdict));
        }
        for (var verdict : explained.verdicts()) {
            if (!verdict.isServed()) {
                out.println("  no   " + EntryReport.id(verdict.agent().getId()));
                verdict.obstacles().forEach(obstacle -> out.println("         " + words(obstacle)));
            }
        }
        out.println();
    }

    private void line(String label, String value) {
        out.printf("%-14s : %s%n", label, value);
    }

    /** Whether it gives agents another ID, below which further entries stand. */
    private static boolean isAlias(Entry entry) {
        return entry.getParentId().getPath().equals("/spire/server");
    }

    private boolean isExpired(Entry entry) {
        return entry.getExpiresAt() != 0 && entry.getExpiresAt() <= now.getEpochSecond();
    }

    private static String way(Entry entry, Verdict verdict) {
        if (!verdict.through().isEmpty()) {
            return "through "
                    + String.join(
                            ", then ",
                            verdict.through().stream().map(ExplainReport::name).toList());
        }
        return isAlias(entry) ? "has all of the node selectors" : "is the parent";
    }

    private static String name(Entry entry) {
        return "entry " + entry.getId() + " (" + EntryReport.id(entry.getSpiffeId()) + ")";
    }

    private static String words(Obstacle obstacle) {
        return switch (obstacle) {
            case Banned _ -> "is banned; \"agent evict\" lets it attest again";
            case Expired(var since) -> "its certificate expired at " + since + "; it has to attest again";
            case MissingSelectors(var alias, var missing) ->
                "lacks " + String.join(", ", missing) + ", which " + name(alias) + " wants of a node";
            case OtherAgent(var parentId, var attested) ->
                attested
                        ? "another agent is the parent: " + parentId
                        : "another agent is the parent, and it is not attested: " + parentId;
            case UnknownParent(var parentId) ->
                "nothing has the ID of the parent, " + parentId + "; \"entry create -node -spiffeID " + parentId
                        + " -selector …\" gives it to nodes";
            case Circle(var parentId) -> "the parents lead in a circle and never to an agent: " + parentId;
        };
    }

    private static String kind(Obstacle obstacle) {
        return switch (obstacle) {
            case Banned _ -> "banned";
            case Expired _ -> "expired";
            case MissingSelectors _ -> "missing_selectors";
            case OtherAgent _ -> "other_agent";
            case UnknownParent _ -> "unknown_parent";
            case Circle _ -> "circle";
        };
    }

    /** One line, as all answers; each obstacle by its kind, and in words. */
    void json(List<Explained> all) {
        var entries = new JsonArray();
        for (var explained : all) {
            var entry = explained.entry();
            var object = named(entry);
            object.addProperty("parent_id", EntryReport.id(entry.getParentId()));
            object.addProperty("expired", isExpired(entry));
            object.add("selectors", texts(Selectors.texts(entry.getSelectorsList())));
            var agents = new JsonArray();
            explained.verdicts().forEach(verdict -> agents.add(json(verdict)));
            object.add("agents", agents);
            entries.add(object);
        }
        var document = new JsonObject();
        document.add("entries", entries);
        out.println(SortedJson.of(document.toString()));
        out.flush();
    }

    private static JsonObject json(Verdict verdict) {
        var through = new JsonArray();
        verdict.through().forEach(entry -> through.add(named(entry)));
        var obstacles = new JsonArray();
        for (var obstacle : verdict.obstacles()) {
            var object = new JsonObject();
            object.addProperty("kind", kind(obstacle));
            object.addProperty("message", words(obstacle));
            if (obstacle instanceof MissingSelectors(var alias, var missing)) {
                object.addProperty("entry_id", alias.getId());
                object.add("selectors", texts(missing));
            }
            obstacles.add(object);
        }
        var object = new JsonObject();
        object.addProperty("agent_id", EntryReport.id(verdict.agent().getId()));
        object.addProperty("served", verdict.isServed());
        object.add("through", through);
        object.add("obstacles", obstacles);
        return object;
    }

    private static JsonObject named(Entry entry) {
        var object = new JsonObject();
        object.addProperty("entry_id", entry.getId());
        object.addProperty("spiffe_id", EntryReport.id(entry.getSpiffeId()));
        return object;
    }

    private static JsonArray texts(List<String> texts) {
        var array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }
}
