// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.caller;

import io.countersign.datastore.UnavailableException;
import io.countersign.datastore.node.AttestedNode;
import io.countersign.datastore.node.AttestedNode.Certified;
import io.countersign.datastore.node.AttestedNodes;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.countersign.spiffe.SpiffeId;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a certificate is the one that an agent has to show. The first use of a renewed one confirms it, and from then on
 * the old one counts no more.
 */
final class AgentCheck {
    private static final Logger log = LoggerFactory.getLogger(AgentCheck.class);

    private final AttestedNodes nodes;
    private final KnownNodes known;
    private final InstantSource clock;

    AgentCheck(AttestedNodes nodes, KnownNodes known, InstantSource clock) {
        this.nodes = nodes;
        this.known = known;
        this.clock = clock;
    }

    /** Nothing if the agent may call; else why not. */
    Optional<Reason> refusal(SpiffeId id, X509Certificate shown) {
        if (!shown.getNotAfter().toInstant().isAfter(clock.instant())) {
            return Optional.of(Reason.AGENT_EXPIRED);
        }
        var refusal = judged(known.find(id), id, shown);
        return refusal.isEmpty() ? refusal : judged(latest(id), id, shown);
    }

    /**
     * What the database has, as nobody is to be refused by memory: another server may have renewed or attested the agent just now,
     * and the agent comes here before the news. While the database is away it is memory all the same.
     */
    private Optional<AttestedNode> latest(SpiffeId id) {
        try {
            return nodes.find(id);
        } catch (UnavailableException e) {
            log.atDebug().addKeyValue("reason", e.getMessage()).log("an agent is judged by what is remembered");
            return known.find(id);
        }
    }

    private Optional<Reason> judged(Optional<AttestedNode> found, SpiffeId id, X509Certificate shown) {
        if (found.isEmpty()) {
            return Optional.of(Reason.AGENT_NOT_ATTESTED);
        }
        var node = found.get();
        if (node.current().isEmpty()) {
            return Optional.of(Reason.AGENT_BANNED);
        }
        var serial = shown.getSerialNumber().toString();
        if (node.current().get().serialNumber().equals(serial)) {
            return Optional.empty();
        }
        var renewed =
                node.renewed().filter(certified -> certified.serialNumber().equals(serial));
        renewed.ifPresent(certified -> confirm(id, certified));
        return renewed.isPresent() ? Optional.empty() : Optional.of(Reason.AGENT_NOT_ACTIVE);
    }

    /** While the database is away both certificates count on; a later call writes down that the new one was shown. */
    private void confirm(SpiffeId id, Certified shown) {
        try {
            nodes.confirm(id, shown);
        } catch (UnavailableException e) {
            log.atDebug().addKeyValue("reason", e.getMessage()).log("a renewed certificate is confirmed later");
        }
    }
}
