// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import io.countersign.agent.config.AgentConfig;
import io.countersign.agent.config.WorkloadKeyType;
import io.countersign.agent.entry.Edition;
import io.countersign.agent.identity.RenewalRule;
import io.countersign.agent.server.CertificateRequest;
import io.countersign.agent.server.Refusals;
import io.countersign.agent.server.Server;
import io.countersign.agent.server.ServerConnection;
import io.countersign.spiffe.bundle.TrustBundle;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gets this node its identity: the stored one while it is valid, else a new one for what its attestor shows. */
public final class NodeAttestation {
    private static final Logger log = LoggerFactory.getLogger(NodeAttestation.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    /** The server has decided; the same request will not be answered otherwise. */
    private static final Set<Status.Code> FINAL = Set.of(
            Status.Code.PERMISSION_DENIED,
            Status.Code.INVALID_ARGUMENT,
            Status.Code.FAILED_PRECONDITION,
            Status.Code.UNIMPLEMENTED);

    private final AgentConfig config;
    private final ServerConnection connection;
    private final NodeStore store;
    private final InstantSource clock;
    private final NodeAttestor attestor;
    private final BootstrapBundle bootstrap;
    private final RenewalRule rule;

    public NodeAttestation(AgentConfig config, ServerConnection connection, NodeStore store, InstantSource clock) {
        this.config = config;
        this.connection = connection;
        this.store = store;
        this.clock = clock;
        this.attestor = NodeAttestor.of(config.nodeAttestor());
        this.bootstrap = new BootstrapBundle(config.bootstrap(), connection, clock);
        this.rule = new RenewalRule(config.availabilityTarget());
    }

    /**
     * The stored identity even if it has ended, so that an agent that has something to serve need not wait.
     *
     * @throws IOException if it cannot be understood
     */
    public Optional<NodeIdentity> stored() throws IOException {
        return store.load();
    }

    /**
     * Waits for the server for as long as it takes.
     *
     * @throws NodeRefusedException if the server refuses, or there is nothing to prove the node with
     * @throws IOException if what is stored or configured cannot be read
     */
    public NodeIdentity establish() throws IOException, InterruptedException {
        var stored = store.load();
        if (stored.isPresent()
                && clock.instant().isBefore(stored.get().svid().svid().expiresAt())) {
            log.info(
                    "node identity {} is still valid",
                    stored.get().svid().svid().id());
            return stored.get();
        }
        var retry = new Retry(log, clock, FIRST_PAUSE, LONGEST_PAUSE);
        var rebootstrapping = new Rebootstrapping(config.rebootstrap(), clock);
        boolean anew = false;
        while (true) {
            try {
                var identity = anew ? attestAnew() : attest(trusted());
                store.save(identity);
                log.info("node attested as {}", identity.svid().svid().id());
                return identity;
            } catch (StatusRuntimeException e) {
                if (isFinal(e)) {
                    throw new NodeRefusedException(why(e), e);
                }
                if (Refusals.isUntrusted(e) && rebootstrapping.isDue()) {
                    log.warn("the stored bundle does not vouch for the server, the bootstrap is believed again");
                    anew = true;
                }
                Thread.sleep(retry.failed(why(e)));
            } catch (AwayException e) {
                Thread.sleep(retry.failed(String.valueOf(e.getMessage())));
            }
        }
    }

    /** What failed, as the server's word where it is that. */
    static String why(StatusRuntimeException failure) {
        return (Refusals.isAnswer(failure) ? "the server refuses this node: " : "the server cannot be reached: ")
                + Refusals.words(failure);
    }

    /**
     * Proves the node once and for a new certificate, to a server that this bundle vouches for.
     *
     * @throws StatusRuntimeException if the server refuses or cannot be reached
     * @throws NodeRefusedException if there is nothing to prove the node with
     * @throws AwayException if somebody else has what proves it and does not give it now
     * @throws IOException if what is configured cannot be read
     */
    NodeIdentity attest(TrustBundle bundle) throws IOException {
        try (var proof = attestor.proof()) {
            var request = CertificateRequest.fresh(WorkloadKeyType.EC_P256);
            var channel = connection.asStranger(bundle);
            try {
                var attested = new Server(channel).attest(proof, request);
                bootstrap.served();
                return new NodeIdentity(rule.issued(attested.svid(), Edition.NONE), bundle, attested.reattestable());
            } finally {
                channel.shutdownNow();
            }
        }
    }

    /** Whether the server has decided, so that the same request will not be answered otherwise. */
    static boolean isFinal(StatusRuntimeException failure) {
        return FINAL.contains(failure.getStatus().getCode());
    }

    /**
     * As {@link #attest}, but to a server that the bootstrap vouches for, whatever was trusted before.
     *
     * @throws AwayException if the bootstrap cannot be asked
     */
    NodeIdentity attestAnew() throws IOException, InterruptedException {
        return attest(bootstrap.get(true));
    }

    /** What was stored counts before the bootstrap, which may be out of date. */
    private TrustBundle trusted() throws IOException, InterruptedException {
        var stored = store.loadBundle();
        return stored.isPresent() ? stored.get() : bootstrap.get(false);
    }
}
