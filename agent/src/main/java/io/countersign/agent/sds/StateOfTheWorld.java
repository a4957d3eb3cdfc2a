// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sds;

import com.google.protobuf.Any;
import io.countersign.agent.identity.Snapshot;
import io.countersign.sdsapi.core.Node;
import io.countersign.sdsapi.discovery.DiscoveryRequest;
import io.countersign.sdsapi.discovery.DiscoveryResponse;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Each answer has all secrets that are asked for (xDS protocol, "State of the World"). */
final class StateOfTheWorld implements SecretStream.Conversation<DiscoveryRequest, DiscoveryResponse> {
    private final Selection selection;
    private final Complaints complaints;
    private Optional<Node> node = Optional.empty();
    private Set<String> names = Set.of();
    private boolean asked;
    private String nonce = "";
    private Map<String, Any> sent = Map.of();
    private long version;

    StateOfTheWorld(Selection selection, Complaints complaints) {
        this.selection = selection;
        this.complaints = complaints;
    }

    @Override
    public boolean hear(DiscoveryRequest request) {
        SecretType.require(request.getTypeUrl());
        if (request.hasErrorDetail()) {
            complaints.hear(request.getResponseNonce(), request.getErrorDetail().getMessage());
        }
        if (!request.getResponseNonce().equals(nonce)) {
            return false; // an answer to a response before the last
        }
        if (node.isEmpty()) {
            node = Optional.of(request.getNode());
        }
        var wanted = new LinkedHashSet<>(request.getResourceNamesList());
        if (asked && wanted.equals(names)) {
            return false;
        }
        names = wanted;
        asked = true;
        sent = Map.of();
        return true;
    }

    @Override
    public Optional<DiscoveryResponse> say(Snapshot snapshot) {
        if (!asked || node.isEmpty()) {
            return Optional.empty();
        }
        var secrets = selection.select(snapshot, node.get(), names);
        if (secrets.isEmpty() || secrets.get().equals(sent)) {
            return Optional.empty();
        }
        sent = secrets.get();
        nonce = Nonce.next();
        complaints.answered(nonce);
        return Optional.of(response(sent.values(), Long.toString(++version), nonce));
    }

    static DiscoveryResponse response(Collection<Any> secrets, String version, String nonce) {
        return DiscoveryResponse.newBuilder()
                .setTypeUrl(SecretType.URL)
                .setVersionInfo(version)
                .setNonce(nonce)
                .addAllResources(secrets)
                .build();
    }
}
