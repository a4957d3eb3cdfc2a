// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import com.google.protobuf.ByteString;
import io.countersign.datastore.Selector;
import io.countersign.plugin.node.NodeRefusedException;
import io.countersign.plugin.node.ServerNodeAttestor;
import io.countersign.rpc.Peer;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.grpc.Status.Code;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets nodes in as a plugin decides, below a path that is the plugin's own. */
final class PluginAttestation implements NodeAttestor {
    private static final Logger log = LoggerFactory.getLogger(PluginAttestation.class);

    private final String name;
    private final ServerNodeAttestor attestor;
    private final TrustDomain trustDomain;

    PluginAttestation(String name, ServerNodeAttestor attestor, TrustDomain trustDomain) {
        this.name = name;
        this.attestor = attestor;
        this.trustDomain = trustDomain;
    }

    @Override
    public String type() {
        return name;
    }

    @Override
    public Step begin(ByteString payload, Peer peer) {
        return go(() -> attestor.begin(payload.toByteArray()));
    }

    private Step go(Supplier<ServerNodeAttestor.Step> plugin) {
        ServerNodeAttestor.Step step;
        try {
            step = plugin.get();
        } catch (NodeRefusedException e) {
            throw Refusal.of(name, Code.PERMISSION_DENIED, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // what it says may be for the operator's eyes only
            log.atError().addKeyValue("attestor", name).setCause(e).log("a node attestor from a jar has failed");
            throw Refusal.of(name, Code.INTERNAL, "the attestor has failed; the server's log says why");
        }
        return switch (step) {
            case ServerNodeAttestor.Step.Challenge(var question, var answer) ->
                new Step.Challenge(ByteString.copyFrom(question), said -> go(() -> answer.apply(said.toByteArray())));
            case ServerNodeAttestor.Step.Proven proven -> proven(proven);
        };
    }

    private Step proven(ServerNodeAttestor.Step.Proven proven) {
        SpiffeId id;
        try {
            id = AgentIds.of(trustDomain, "/" + name + "/" + proven.name());
        } catch (IllegalArgumentException e) {
            throw Refusal.of(name, Code.INTERNAL, "failed to make spiffe id: " + e.getMessage());
        }
        return new Step.Proven(
                id,
                proven.canReattest(),
                proven.selectors().stream()
                        .map(value -> new Selector(name, value))
                        .collect(Collectors.toSet()),
                !proven.canReattest());
    }
}
