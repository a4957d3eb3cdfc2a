// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.BoolValue;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.DeleteAgentRequest;
import io.countersign.serverapi.agent.ListAgentsRequest;
import io.countersign.serverapi.types.Agent;
import io.countersign.serverapi.types.AgentMask;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Only agents that can attest again are purged: one that trusted its first use could never come back. Nor is one that is
 * banned: it could come back.
 */
@Command(name = "purge", description = "Purges agents that can attest again and whose SVID has expired long ago")
final class AgentPurgeCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    @Option(
            names = "--expiredFor",
            converter = Life.Reader.class,
            description = "How long ago the SVID has expired (720h)")
    Life expiredFor = new Life(Duration.ofDays(30));

    @Option(names = "--dryRun", description = "Only prints the agents that would be purged")
    boolean dryRun;

    /** @param error empty if there is none */
    private record Purged(String agentId, boolean deleted, String error) {}

    @Override
    public Integer call() {
        var purged = call.ask(this::purge);
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(json(purged));
        } else {
            print(out, purged);
        }
        out.flush();
        return 0;
    }

    private List<Purged> purge(Channel channel) {
        var agents = list(channel);
        var limit = Instant.now().minus(expiredFor.duration());
        var purged = new ArrayList<Purged>();
        for (var agent : agents) {
            if (Instant.ofEpochSecond(agent.getX509SvidExpiresAt()).isBefore(limit)) {
                purged.add(dryRun ? new Purged(EntryReport.id(agent.getId()), false, "") : purge(channel, agent));
            }
        }
        return purged;
    }

    private static List<Agent> list(Channel channel) {
        try {
            return ServerCall.waiting(AgentGrpc.newBlockingStub(channel))
                    .listAgents(ListAgentsRequest.newBuilder()
                            .setFilter(ListAgentsRequest.Filter.newBuilder()
                                    .setByCanReattest(BoolValue.of(true))
                                    .setByBanned(BoolValue.of(false)))
                            .setOutputMask(AgentMask.newBuilder().setX509SvidExpiresAt(true))
                            .build())
                    .getAgentsList();
        } catch (StatusRuntimeException e) {
            throw new IllegalStateException("failed to list agents: " + CallFailure.words(e), e);
        }
    }

    private static Purged purge(Channel channel, Agent agent) {
        var id = EntryReport.id(agent.getId());
        try {
            var _ = ServerCall.waiting(AgentGrpc.newBlockingStub(channel))
                    .deleteAgent(
                            DeleteAgentRequest.newBuilder().setId(agent.getId()).build());
            return new Purged(id, true, "");
        } catch (StatusRuntimeException e) {
            return new Purged(id, false, CallFailure.words(e));
        }
    }

    private void print(PrintWriter out, List<Purged> purged) {
        if (purged.isEmpty()) {
            out.println("No agents to purge.");
            return;
        }
        out.println("Found " + purged.size() + " expired " + (purged.size() == 1 ? "agent" : "agents"));
        out.println();
        if (dryRun) {
            out.println("\nAgents that can be purged:");
            purged.forEach(agent -> AgentReport.line(out, "SPIFFE ID", agent.agentId()));
            return;
        }
        var gone = purged.stream().filter(Purged::deleted).toList();
        if (!gone.isEmpty()) {
            out.println("Agents purged:");
            gone.forEach(agent -> AgentReport.line(out, "SPIFFE ID", agent.agentId()));
        }
        var left = purged.stream().filter(agent -> !agent.deleted()).toList();
        if (!left.isEmpty()) {
            out.println("Agents not purged:");
            left.forEach(agent -> {
                AgentReport.line(out, "SPIFFE ID", agent.agentId());
                AgentReport.line(out, "Error", agent.error());
            });
        }
    }

    private static String json(List<Purged> purged) {
        var agents = new JsonArray();
        for (var agent : purged) {
            var object = new JsonObject();
            object.addProperty("agent_id", agent.agentId());
            object.addProperty("deleted", agent.deleted());
            if (!agent.error().isEmpty()) {
                object.addProperty("error", agent.error());
            }
            agents.add(object);
        }
        var all = new JsonObject();
        all.add("expired_agents", agents);
        return all.toString();
    }
}
