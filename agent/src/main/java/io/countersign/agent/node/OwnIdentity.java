// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import io.countersign.agent.config.AgentConfig;
import io.countersign.agent.config.WorkloadKeyType;
import io.countersign.agent.entry.Edition;
import io.countersign.agent.identity.RenewalRule;
import io.countersign.agent.metrics.ServerCalls;
import io.countersign.agent.server.CertificateRequest;
import io.countersign.agent.server.Refusals;
import io.countersign.agent.server.Server;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
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

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(4);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final NodeAttestation attestation;
    private final NodeStore store;
    private final ServerCalls calls;
    private final InstantSource clock;
    private final RenewalRule rule;
    private final Rebootstrapping rebootstrapping;
    private final Retry retry;
    private volatile NodeIdentity current;
    private boolean outcast;
    /** Whether {@link #current} is on disk. */
    private boolean onDisk = true;

    /** @param attestation for an identity that is not renewed but proven again */
    public OwnIdentity(
            AgentConfig config,
            NodeAttestation attestation,
            NodeStore store,
            ServerCalls calls,
            InstantSource clock,
            NodeIdentity current) {
        this.attestation = attestation;
        this.store = store;
        this.calls = calls;
        this.clock = clock;
        this.rule = new RenewalRule(config.availabilityTarget());
        this.rebootstrapping = new Rebootstrapping(config.rebootstrap(), clock);
        this.retry = new Retry(log, clock, FIRST_PAUSE, LONGEST_PAUSE);
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

    /** Whether the present SVID has ended, so that the server does not let this node in by it. */
    public boolean hasEnded() {
        return !clock.instant().isBefore(svid().expiresAt());
    }

    /** Has the present SVID replaced before it is due. */
    public void renewSoon() {
        renewAt(clock.instant());
    }

    private void renewAt(Instant due) {
        current = new NodeIdentity(current.svid().dueAt(due), current.bundle(), current.reattestable());
    }

    /**
     * The server does not take the present SVID: the node proves itself again, even if the server has not said that it may.
     *
     * @return whether it was so before, and nothing has helped since
     */
    public boolean proveAgain() {
        boolean before = outcast;
        if (!before) {
            outcast = true;
            renewSoon();
        }
        return before;
    }

    /**
     * Gets a new SVID when the present one is due, and connects with it from then on. While the present one is valid, a
     * failure keeps nothing from going on.
     *
     * @throws StatusRuntimeException if the present one has ended and the server gives no other, or it has banned this node
     * @throws NodeRefusedException if the present one has ended and there is nothing to prove the node with
     * @throws UncheckedIOException if the present one has ended and what proves the node cannot be read
     */
    public void renewIfDue(Server server, ManagedChannel channel) {
        if (clock.instant().isBefore(current.svid().renewAt())) {
            return;
        }
        try {
            replace(renewed(server), channel);
        } catch (StatusRuntimeException e) {
            boolean banned =
                    Refusals.reason(e).filter(Reason.AGENT_BANNED::equals).isPresent();
            if (banned || hasEnded()) {
                throw e;
            }
            postpone(Refusals.words(e));
        } catch (NodeRefusedException e) {
            if (hasEnded()) {
                throw e;
            }
            postpone(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            if (hasEnded()) {
                throw new UncheckedIOException(e);
            }
            postpone(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // such as a plugin's own
            if (hasEnded()) {
                throw e;
            }
            log.atError().setCause(e).log("the attempt to renew this node's identity failed");
            postpone(e.toString());
        }
    }

    private NodeIdentity renewed(Server server) throws IOException {
        if (current.reattestable() || outcast || hasEnded()) {
            return calls.counted("node_attest", () -> attestation.attest(current.bundle()));
        }
        var svid = calls.counted(
                "agent_svid_rotate", () -> server.renew(CertificateRequest.fresh(WorkloadKeyType.EC_P256)));
        return new NodeIdentity(rule.issued(svid, Edition.NONE), current.bundle(), false);
    }

    /** By a tenth of what is left at most, so that the identity does not end between two tries. */
    private void postpone(String why) {
        var now = clock.instant();
        var end = svid().expiresAt();
        var tenth = Duration.between(now, end).dividedBy(10);
        var pause = retry.failed(
                "this node's identity is not renewed and lasts until " + end + ": " + why,
                tenth.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : tenth);
        renewAt(now.plus(pause));
    }

    /** The server has proven itself by what is trusted. */
    public void serverIsTrusted() {
        rebootstrapping.trusted();
    }

    /**
     * The server is not vouched for by what is trusted. Once that has lasted as long as configured, the bootstrap is
     * believed instead and the node proves itself to whom it vouches for.
     *
     * @return what is to be expected
     */
    public String serverIsUntrusted(ManagedChannel channel) throws InterruptedException {
        if (!rebootstrapping.isDue() || !current.reattestable()) {
            return rebootstrapping.outlook(current.reattestable());
        }
        try {
            replace(attestation.attestAnew(), channel);
            log.warn("the server is trusted again, as the bootstrap vouches for it");
            return "the bootstrap vouches for it";
        } catch (StatusRuntimeException e) {
            return "the bootstrap does not help: " + Refusals.words(e);
        } catch (IOException | NodeRefusedException e) {
            return "the bootstrap does not help: " + e.getMessage();
        }
    }

    private void replace(NodeIdentity fresh, ManagedChannel channel) {
        current = fresh;
        outcast = false;
        retry.succeeded();
        // calls that run go on; the next one opens a connection with the new certificate
        channel.enterIdle();
        keep();
        log.info("node identity renewed until {}", svid().expiresAt());
    }

    /** Remembers a changed bundle for the next start, and what could not be stored before. */
    public void trust(TrustBundle bundle) {
        boolean changed = !bundle.x509Authorities().equals(current.bundle().x509Authorities());
        if (changed) {
            current = new NodeIdentity(current.svid(), bundle, current.reattestable());
        }
        if (changed || !onDisk) {
            keep();
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

    /** For the next start, and this one goes on without: a full disk must not end the certificates of workloads. */
    private void keep() {
        try {
            store.save(current);
            if (!onDisk) {
                log.info("the node identity is stored again");
            }
            onDisk = true;
        } catch (IOException e) {
            if (onDisk) {
                log.atError()
                        .setCause(e)
                        .log("the node identity could not be stored, so that this agent started again may be refused;"
                                + " mend data_dir and the key directory, it is tried again");
            }
            onDisk = false;
        }
    }
}
