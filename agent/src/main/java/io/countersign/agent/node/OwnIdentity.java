// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import io.countersign.agent.config.WorkloadKeyType;
import io.countersign.agent.identity.IssuedSvid;
import io.countersign.agent.server.CertificateRequest;
import io.countersign.agent.server.Refusals;
import io.countersign.agent.server.Server;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.X509Svid;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's identity as it is now. One thread renews it; any may read it.
 */
public final class OwnIdentity {
    private static final Logger log = LoggerFactory.getLogger(OwnIdentity.class);

    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final NodeAttestation attestation;
    private final NodeStore store;
    private final InstantSource clock;
    private volatile NodeIdentity current;

    /** @param attestation for an identity that is not renewed but proven again */
    public OwnIdentity(NodeAttestation attestation, NodeStore store, InstantSource clock, NodeIdentity current) {
        this.attestation = attestation;
        this.store = store;
        this.clock = clock;
        this.current = current;
    }

    public X509Svid svid() {
        return current.svid().svid();
    }

    /** What the server is checked against. */
    public TrustBundle bundle() {
        return current.bundle();
    }

    /** Whether the node may prove itself to the server once more. */
    public boolean isReattestable() {
        return current.reattestable();
    }

    /** Has the present SVID replaced before it is due. */
    public void renewSoon() {
        renewAt(clock.instant());
    }

    private void renewAt(Instant due) {
        current = new NodeIdentity(current.svid().dueAt(due), current.bundle(), current.reattestable());
    }

    /**
     * Gets a new SVID when half of the life of the present one is over, and connects with it from then on.
     *
     * @throws StatusRuntimeException if the server cannot be asked
     * @throws NodeRefusedException if the present one has ended and the server refuses to give another
     */
    public void renewIfDue(Server server, ManagedChannel channel) {
        if (clock.instant().isBefore(current.svid().renewAt())) {
            return;
        }
        if (current.reattestable()) {
            attestAgain(channel);
        } else {
            var svid = server.renew(CertificateRequest.fresh(WorkloadKeyType.EC_P256));
            replace(new NodeIdentity(IssuedSvid.of(svid, 0), current.bundle(), false), channel);
        }
    }

    /** While the present SVID is valid a failure keeps nothing from going on: its cause may be mended until then. */
    private void attestAgain(ManagedChannel channel) {
        try {
            replace(attestation.attest(current.bundle()), channel);
        } catch (StatusRuntimeException e) {
            if (!deferred(Refusals.words(e))) {
                throw NodeAttestation.isFinal(e)
                        ? new NodeRefusedException("the server refuses this node: " + Refusals.words(e), e)
                        : e;
            }
        } catch (IOException e) {
            if (!deferred(String.valueOf(e.getMessage()))) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private boolean deferred(String why) {
        var now = clock.instant();
        if (!now.isBefore(svid().expiresAt())) {
            return false;
        }
        log.warn("this node cannot prove itself again, its identity lasts until {}: {}", svid().expiresAt(), why);
        renewAt(now.plus(PAUSE));
        return true;
    }

    private void replace(NodeIdentity fresh, ManagedChannel channel) {
        keep(fresh);
        // calls that run go on; the next one opens a connection with the new certificate
        channel.enterIdle();
        log.info("node identity renewed until {}", svid().expiresAt());
    }

    /** Remembers a changed bundle for the next start. */
    public void trust(TrustBundle bundle) {
        if (!bundle.x509Authorities().equals(current.bundle().x509Authorities())) {
            keep(new NodeIdentity(current.svid(), bundle, current.reattestable()));
        }
    }

    /** The server does not know this node any more: the next start begins anew. */
    public void forget() {
        try {
            store.forgetSvid();
        } catch (IOException e) {
            log.atError().setCause(e).log("the node identity that the server refused could not be removed");
        }
    }

    private void keep(NodeIdentity identity) {
        current = identity;
        try {
            store.save(identity);
        } catch (IOException e) {
            throw new UncheckedIOException("the node identity could not be stored: " + e.getMessage(), e);
        }
    }
}
