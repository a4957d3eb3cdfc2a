// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import io.countersign.ca.x509.SvidTemplate;
import io.countersign.datastore.node.AttestedNode;
import io.countersign.datastore.node.AttestedNode.Certified;
import io.countersign.datastore.node.AttestedNodes;
import io.countersign.server.authority.Authorities;
import io.countersign.server.caller.KnownNodes;
import io.countersign.server.node.NodeAttestor.Step.Proven;
import io.countersign.server.svid.SigningRequest;
import io.countersign.server.svid.SvidMessages;
import io.countersign.serverapi.types.X509SVID;
import io.countersign.spiffe.SpiffeId;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives nodes their certificates and remembers which they have to show. */
final class Admission {
    private static final Logger log = LoggerFactory.getLogger(Admission.class);

    private final AttestedNodes nodes;
    private final KnownNodes known;
    private final Authorities authorities;
    private final Duration ttl;
    private final InstantSource clock;

    Admission(AttestedNodes nodes, KnownNodes known, Authorities authorities, Duration ttl, InstantSource clock) {
        this.nodes = nodes;
        this.known = known;
        this.authorities = authorities;
        this.ttl = ttl;
        this.clock = clock;
    }

    /** Lets a node in that has proven itself. */
    X509SVID admit(Proven proven, String attestationType, SigningRequest request) {
        var id = proven.id();
        var chain = issue(id, request);
        var node = AttestedNode.fresh(
                id, attestationType, certified(chain.getFirst()), proven.canReattest(), proven.selectors());
        switch (nodes.admit(node, proven.firstUseOnly())) {
            case DONE -> remember(id);
            case BANNED ->
                throw Status.PERMISSION_DENIED
                        .withDescription("failed to attest: agent is banned")
                        .asRuntimeException();
            case KNOWN -> {
                log.atError()
                        .addKeyValue("spiffe_id", id)
                        .log("a node comes once more that is let in on its first use only");
                throw Refusal.of(
                        attestationType,
                        Code.PERMISSION_DENIED,
                        "attestation data has already been used to attest an agent");
            }
        }
        return SvidMessages.message(id, chain);
    }

    /** A new certificate for a node; the one it has counts until the new one is shown. */
    X509SVID renew(SpiffeId id, SigningRequest request) {
        var chain = issue(id, request);
        nodes.renew(id, certified(chain.getFirst()));
        remember(id);
        return SvidMessages.message(id, chain);
    }

    /** A certificate that a node has got counts, should the database be away by the time that it is shown. */
    private void remember(SpiffeId id) {
        var _ = known.find(id);
    }

    private List<X509Certificate> issue(SpiffeId id, SigningRequest request) {
        return authorities.current().x509Issuer().issueChain(SvidTemplate.of(id, request.key(), ttl), clock.instant());
    }

    private static Certified certified(X509Certificate leaf) {
        return new Certified(
                leaf.getSerialNumber().toString(), leaf.getNotAfter().toInstant());
    }
}
