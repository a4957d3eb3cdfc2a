// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.launch.config.Nearest;
import io.countersign.server.explain.Reach;
import io.countersign.server.explain.Verdict;
import io.countersign.serverapi.agent.ListAgentsRequest;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.countersign.serverapi.types.Entry;
import io.countersign.spiffe.SpiffeId;
import io.grpc.Channel;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Not a command of the original; it asks for nothing that a server of the original does not answer. */
@Command(name = "explain", description = "Says which agents serve an entry, and why the others do not")
final class EntryExplainCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Option(names = "--spiffeID", description = "The SPIFFE ID of the entries to explain")
    String spiffeId = "";

    @Option(names = "--entryID", description = "The Entry ID of the entry to explain")
    String entryId = "";

    @Option(names = "--agent", description = "The SPIFFE ID of the only agent to look at (all agents)")
    String agentId = "";

    @Override
    public Integer call() {
        if (spiffeId.isEmpty() && entryId.isEmpty() && agentId.isEmpty()) {
            throw new IllegalArgumentException("nothing to explain; expected -spiffeID, -entryID or -agent");
        }
        if (!spiffeId.isEmpty() && !entryId.isEmpty()) {
            throw new IllegalArgumentException("-spiffeID and -entryID are both given; expected one of them");
        }
        for (var id : List.of(spiffeId, agentId)) {
            if (!id.isEmpty()) {
                var _ = SpiffeId.parse(id);
            }
        }
        var report = new ExplainReport(spec.commandLine().getOut(), Instant.now());
        var explained = call.ask(this::explain);
        if (call.json()) {
            report.json(explained);
        } else {
            report.print(explained);
        }
        return 0;
    }

    /**
     * One entry, and what is to be said of it.
     *
     * @param verdicts one for each agent that was asked for
     */
    record Explained(Entry entry, List<Verdict> verdicts) {}

    private List<Explained> explain(Channel channel) {
        var entries = EntryPages.all(channel, ListEntriesRequest.Filter.getDefaultInstance());
        var agents = AgentPages.all(channel, ListAgentsRequest.Filter.getDefaultInstance());
        var reach = new Reach(
                entries,
                agents.stream().map(agent -> EntryReport.id(agent.getId())).toList());
        var now = Instant.now();
        var asked = agentId.isEmpty()
                ? agents
                : found(agents, agentId, agent -> EntryReport.id(agent.getId()), "attested agent has the SPIFFE ID");
        return asked(entries).stream()
                .map(entry -> new Explained(
                        entry,
                        asked.stream().map(agent -> reach.of(agent, entry, now)).toList()))
                .toList();
    }

    private List<Entry> asked(List<Entry> entries) {
        if (!entryId.isEmpty()) {
            return found(entries, entryId, Entry::getId, "entry has the entry ID");
        }
        return spiffeId.isEmpty()
                ? entries
                : found(entries, spiffeId, entry -> EntryReport.id(entry.getSpiffeId()), "entry has the SPIFFE ID");
    }

    /** @throws IllegalStateException if nothing has that ID */
    private static <T> List<T> found(List<T> all, String id, Function<T, String> ids, String words) {
        var found = all.stream().filter(one -> ids.apply(one).equals(id)).toList();
        if (found.isEmpty()) {
            var meant = Nearest.to(id, all.stream().map(ids).toList())
                    .map(near -> "; did you mean " + near + "?")
                    .orElse("");
            throw new IllegalStateException("no " + words + " \"" + id + "\"" + meant);
        }
        return found;
    }
}
