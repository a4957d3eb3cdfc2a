// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.protobuf.Empty;
import io.countersign.datastore.entry.Entries;
import io.countersign.datastore.node.AttestedNode;
import io.countersign.datastore.node.AttestedNodes;
import io.countersign.datastore.node.JoinTokens;
import io.countersign.rpc.Peer;
import io.countersign.server.authority.Authorities;
import io.countersign.server.caller.CallLimits;
import io.countersign.server.caller.CallLimits.Limit;
import io.countersign.server.caller.Caller;
import io.countersign.server.caller.Denial;
import io.countersign.server.caller.KnownNodes;
import io.countersign.server.config.NodeAttestorSettings;
import io.countersign.server.config.ServerConfig;
import io.countersign.server.entry.EntryCatalog;
import io.countersign.server.wire.Ids;
import io.countersign.server.wire.Pages;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.AttestAgentRequest;
import io.countersign.serverapi.agent.AttestAgentResponse;
import io.countersign.serverapi.agent.BanAgentRequest;
import io.countersign.serverapi.agent.CountAgentsRequest;
import io.countersign.serverapi.agent.CountAgentsResponse;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.serverapi.agent.DeleteAgentRequest;
import io.countersign.serverapi.agent.GetAgentRequest;
import io.countersign.serverapi.agent.ListAgentsRequest;
import io.countersign.serverapi.agent.ListAgentsResponse;
import io.countersign.serverapi.agent.PostStatusRequest;
import io.countersign.serverapi.agent.PostStatusResponse;
import io.countersign.serverapi.agent.RenewAgentRequest;
import io.countersign.serverapi.agent.RenewAgentResponse;
import io.countersign.serverapi.types.Agent;
import io.countersign.serverapi.types.JoinToken;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** SPIRE's Agent service. */
public final class AgentService extends AgentGrpc.AgentImplBase {
    private static final int LONGEST_VERSION = 255;

    private final TrustDomain trustDomain;
    private final AttestedNodes nodes;
    private final KnownNodes known;
    private final Entries entries;
    private final EntryCatalog catalog;
    private final JoinTokenAttestation joinTokens;
    private final List<NodeAttestor> attestors;
    private final Admission admission;
    private final CallLimits limits;

    public AgentService(
            ServerConfig config,
            AttestedNodes nodes,
            KnownNodes known,
            JoinTokens tokens,
            Entries entries,
            EntryCatalog catalog,
            Authorities authorities,
            CallLimits limits,
            InstantSource clock) {
        this.trustDomain = config.trustDomain();
        this.nodes = nodes;
        this.known = known;
        this.entries = entries;
        this.catalog = catalog;
        this.limits = limits;
        this.joinTokens = new JoinTokenAttestation(trustDomain, tokens, entries, clock);
        this.attestors = attestors(config, authorities, clock);
        this.admission = new Admission(nodes, known, authorities, config.lives().agent(), clock);
    }

    private List<NodeAttestor> attestors(ServerConfig config, Authorities authorities, InstantSource clock) {
        var all = new ArrayList<NodeAttestor>(List.of(joinTokens));
        for (var settings : config.nodeAttestors()) {
            switch (settings) {
                case NodeAttestorSettings.HttpChallenge challenge ->
                    all.add(new HttpChallengeAttestation(challenge, trustDomain));
                case NodeAttestorSettings.K8sPsat clusters -> all.add(new K8sPsatAttestation(clusters, trustDomain));
                case NodeAttestorSettings.Plugin(var name, var attestor) ->
                    all.add(new PluginAttestation(name, attestor, trustDomain));
                case NodeAttestorSettings.SshPop pop -> all.add(new SshPopAttestation(pop, trustDomain, clock));
                case NodeAttestorSettings.X509Pop pop ->
                    all.add(new X509PopAttestation(
                            pop,
                            trustDomain,
                            () -> authorities.current().trust().x509Authorities(),
                            clock));
            }
        }
        return List.copyOf(all);
    }

    @Override
    public void countAgents(CountAgentsRequest request, StreamObserver<CountAgentsResponse> response) {
        var page = Pages.of(nodes.list(), AgentMessages.filter(request.getFilter()), 0, "");
        response.onNext(
                CountAgentsResponse.newBuilder().setCount(page.items().size()).build());
        response.onCompleted();
    }

    @Override
    public void listAgents(ListAgentsRequest request, StreamObserver<ListAgentsResponse> response) {
        var page = Pages.of(
                nodes.list(), AgentMessages.filter(request.getFilter()), request.getPageSize(), request.getPageToken());
        var list = ListAgentsResponse.newBuilder().setNextPageToken(page.nextToken());
        page.items()
                .forEach(node ->
                        list.addAgents(AgentMessages.message(node, request.hasOutputMask(), request.getOutputMask())));
        response.onNext(list.build());
        response.onCompleted();
    }

    @Override
    public void getAgent(GetAgentRequest request, StreamObserver<Agent> response) {
        var node = nodes.find(agentId(request.hasId(), request.getId())).orElseThrow(AgentService::notFound);
        response.onNext(AgentMessages.message(node, request.hasOutputMask(), request.getOutputMask()));
        response.onCompleted();
    }

    /** With the entry that its join token has made, if there is one. */
    @Override
    public void deleteAgent(DeleteAgentRequest request, StreamObserver<Empty> response) {
        var id = agentId(request.hasId(), request.getId());
        var node = nodes.find(id).orElseThrow(AgentService::notFound);
        nodes.delete(id);
        deleteAlias(node);
        response.onNext(Empty.getDefaultInstance());
        response.onCompleted();
    }

    private void deleteAlias(AttestedNode node) {
        if (node.attestationType().equals(JoinTokenAttestation.TYPE)) {
            var own = "spiffe_id:" + node.id();
            catalog.current().below(node.id()).stream()
                    .filter(entry -> entry.selectors().stream()
                            .anyMatch(selector -> selector.toString().equals(own)))
                    .forEach(entry -> entries.delete(entry.id()));
        }
    }

    @Override
    public void banAgent(BanAgentRequest request, StreamObserver<Empty> response) {
        if (!nodes.ban(agentId(request.hasId(), request.getId()))) {
            throw notFound();
        }
        response.onNext(Empty.getDefaultInstance());
        response.onCompleted();
    }

    @Override
    public StreamObserver<AttestAgentRequest> attestAgent(StreamObserver<AttestAgentResponse> response) {
        return new AttestStream(attestors, admission, limits, Peer.current(), response);
    }

    @Override
    public void renewAgent(RenewAgentRequest request, StreamObserver<RenewAgentResponse> response) {
        limits.take(Limit.SIGNING, 1, "renew agent");
        var id = Caller.agent().id();
        if (nodes.find(id).map(AttestedNode::canReattest).orElse(false)) {
            throw Denial.of("agent must reattest instead of renew", Reason.AGENT_MUST_REATTEST);
        }
        if (!request.hasParams()) {
            throw invalid("params cannot be nil");
        }
        if (request.getParams().getCsr().isEmpty()) {
            throw invalid("missing CSR");
        }
        var wanted = AttestStream.csr(request.getParams().getCsr());
        response.onNext(RenewAgentResponse.newBuilder()
                .setSvid(admission.renew(id, wanted))
                .build());
        response.onCompleted();
    }

    @Override
    public void createJoinToken(CreateJoinTokenRequest request, StreamObserver<JoinToken> response) {
        if (request.getTtl() < 1) {
            throw invalid("ttl is required, you must provide one");
        }
        Optional<SpiffeId> alias = Optional.empty();
        if (request.hasAgentId()) {
            try {
                alias = Optional.of(Ids.workload(Optional.of(request.getAgentId()), trustDomain));
            } catch (IllegalArgumentException e) {
                throw invalid("invalid agent ID: " + e.getMessage());
            }
        }
        var token = joinTokens.create(request.getToken(), request.getTtl(), alias);
        response.onNext(JoinToken.newBuilder()
                .setValue(token.value())
                .setExpiresAt(token.expiresAt().getEpochSecond())
                .build());
        response.onCompleted();
    }

    @Override
    public void postStatus(PostStatusRequest request, StreamObserver<PostStatusResponse> response) {
        limits.take(Limit.STATUS, 1, "post status");
        var version = request.getAgentVersion();
        if (version.getBytes(StandardCharsets.UTF_8).length > LONGEST_VERSION) {
            throw invalid("agent version is too long (max " + LONGEST_VERSION + " characters)");
        }
        var agent = Caller.agent().id();
        var reported = known.find(agent).map(AttestedNode::agentVersion);
        // each report is a change that every server and every node that waits looks at
        if (!version.isEmpty() && !reported.equals(Optional.of(version))) {
            nodes.report(agent, version);
        }
        response.onNext(PostStatusResponse.getDefaultInstance());
        response.onCompleted();
    }

    private SpiffeId agentId(boolean given, SPIFFEID message) {
        try {
            return Ids.agent(Ids.given(given, message), trustDomain);
        } catch (IllegalArgumentException e) {
            throw invalid("invalid agent ID: " + e.getMessage());
        }
    }

    private static RuntimeException notFound() {
        return Status.NOT_FOUND.withDescription("agent not found").asRuntimeException();
    }

    private static RuntimeException invalid(String message) {
        return Status.INVALID_ARGUMENT.withDescription(message).asRuntimeException();
    }
}
