// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.server;

import io.countersign.rpc.RpcChannels;
import io.countersign.serverapi.agent.AgentGrpc;
import io.countersign.serverapi.agent.CreateJoinTokenRequest;
import io.countersign.serverapi.agent.DeleteAgentRequest;
import io.countersign.serverapi.agent.ListAgentsRequest;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.entry.BatchCreateEntryRequest;
import io.countersign.serverapi.entry.BatchDeleteEntryRequest;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.ListEntriesRequest;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.serverapi.types.Selector;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.Pem;
import io.countersign.stack.StackException;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.stub.AbstractStub;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Asks the server over its local socket, as its command line would. Thread-safe; close it. */
public final class ServerAdmin implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 10;
    private static final int TOKEN_SECONDS = 600;

    private final ManagedChannel channel;

    public ServerAdmin(Path socket) {
        channel = RpcChannels.unix(socket);
    }

    /** The certificates that the agent verifies the server with at first, as PEM. */
    public String bundle() {
        var bundle = waiting(BundleGrpc.newBlockingStub(channel)).getBundle(GetBundleRequest.getDefaultInstance());
        return Pem.certificates(bundle.getX509AuthoritiesList().stream()
                .flatMap(authority -> Der.parseCertificates(authority.getAsn1().toByteArray()).stream())
                .toList());
    }

    /** Lets one agent in, which is then {@code alias} beside its own name. */
    public String joinToken(SpiffeId alias) {
        return waiting(AgentGrpc.newBlockingStub(channel))
                .createJoinToken(CreateJoinTokenRequest.newBuilder()
                        .setTtl(TOKEN_SECONDS)
                        .setAgentId(message(alias))
                        .build())
                .getValue();
    }

    /** Forgets the agents of earlier runs that can never come back, and tokens that no agent has used. */
    public void forgetEarlier(SpiffeId alias, Instant now) {
        var living = new HashSet<SPIFFEID>();
        var agents = AgentGrpc.newBlockingStub(channel);
        for (var agent : waiting(agents)
                .listAgents(ListAgentsRequest.getDefaultInstance())
                .getAgentsList()) {
            if (agent.getBanned() || agent.getX509SvidExpiresAt() >= now.getEpochSecond()) {
                living.add(agent.getId());
            } else {
                waiting(agents)
                        .deleteAgent(DeleteAgentRequest.newBuilder()
                                .setId(agent.getId())
                                .build());
            }
        }
        deleteEntries(alias, entry -> !living.contains(entry.getParentId()));
    }

    private void deleteEntries(SpiffeId id, Predicate<Entry> which) {
        var entries = EntryGrpc.newBlockingStub(channel);
        var found = waiting(entries)
                .listEntries(ListEntriesRequest.newBuilder()
                        .setFilter(ListEntriesRequest.Filter.newBuilder().setBySpiffeId(message(id)))
                        .build());
        var unused =
                found.getEntriesList().stream().filter(which).map(Entry::getId).toList();
        waiting(entries)
                .batchDeleteEntry(
                        BatchDeleteEntryRequest.newBuilder().addAllIds(unused).build());
    }

    /**
     * Makes sure that a process with these selectors gets the identity.
     *
     * @param selectors each as {@code type:value}
     */
    public void ensureEntry(SpiffeId parent, SpiffeId id, List<String> selectors) {
        var entry = Entry.newBuilder().setParentId(message(parent)).setSpiffeId(message(id));
        for (var selector : selectors) {
            int colon = selector.indexOf(':');
            entry.addSelectors(Selector.newBuilder()
                    .setType(selector.substring(0, colon))
                    .setValue(selector.substring(colon + 1)));
        }
        var status = waiting(EntryGrpc.newBlockingStub(channel))
                .batchCreateEntry(
                        BatchCreateEntryRequest.newBuilder().addEntries(entry).build())
                .getResults(0)
                .getStatus();
        if (status.getCode() != Code.OK.value() && status.getCode() != Code.ALREADY_EXISTS.value()) {
            throw new StackException("the entry for " + id + " is refused: " + status.getMessage());
        }
    }

    private static SPIFFEID message(SpiffeId id) {
        return SPIFFEID.newBuilder()
                .setTrustDomain(id.trustDomain().name())
                .setPath(id.path())
                .build();
    }

    private static <S extends AbstractStub<S>> S waiting(S stub) {
        return stub.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
