// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import io.countersign.agent.config.AgentConfig;
import io.countersign.agent.config.Bootstrap;
import io.countersign.agent.config.WorkloadKeyType;
import io.countersign.agent.identity.IssuedSvid;
import io.countersign.agent.server.CertificateRequest;
import io.countersign.agent.server.Refusals;
import io.countersign.agent.server.Server;
import io.countersign.agent.server.ServerConnection;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    public NodeAttestation(AgentConfig config, ServerConnection connection, NodeStore store, InstantSource clock) {
        this.config = config;
        this.connection = connection;
        this.store = store;
        this.clock = clock;
        this.attestor = NodeAttestor.of(config.nodeAttestor());
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
        while (true) {
            try {
                var identity = attest(trusted());
                store.save(identity);
                log.info("node attested as {}", identity.svid().svid().id());
                return identity;
            } catch (StatusRuntimeException e) {
                var words = Refusals.words(e);
                if (isFinal(e)) {
                    throw new NodeRefusedException("the server refuses this node: " + words, e);
                }
                Thread.sleep(retry.failed("the server cannot be reached: " + words));
            }
        }
    }

    /**
     * Proves the node once and for a new certificate, to a server that this bundle vouches for.
     *
     * @throws StatusRuntimeException if the server refuses or cannot be reached
     * @throws NodeRefusedException if there is nothing to prove the node with
     * @throws IOException if what is configured cannot be read
     */
    NodeIdentity attest(TrustBundle bundle) throws IOException {
        try (var proof = attestor.proof()) {
            var request = CertificateRequest.fresh(WorkloadKeyType.EC_P256);
            var channel = connection.asStranger(bundle);
            try {
                var attested = new Server(channel).attest(proof, request);
                return new NodeIdentity(IssuedSvid.of(attested.svid(), 0), bundle, attested.reattestable());
            } finally {
                channel.shutdownNow();
            }
        }
    }

    /** Whether the server has decided, so that the same request will not be answered otherwise. */
    static boolean isFinal(StatusRuntimeException failure) {
        return FINAL.contains(failure.getStatus().getCode());
    }

    /** What was stored counts before the bootstrap, which may be out of date. */
    private TrustBundle trusted() throws IOException {
        Optional<TrustBundle> stored = store.loadBundle();
        if (stored.isPresent()) {
            return stored.get();
        }
        return switch (config.bootstrap()) {
            case Bootstrap.PemFile(Path path) ->
                TrustBundle.ofX509(config.trustDomain(), readable(path, () -> Pem.parseCertificates(read(path))));
            case Bootstrap.SpiffeFile(Path path) ->
                readable(path, () -> TrustBundle.parse(config.trustDomain(), read(path)));
            case Bootstrap.Insecure() -> bundleOfAnybody();
        };
    }

    private TrustBundle bundleOfAnybody() {
        log.warn("insecure_bootstrap: whoever answers at {}:{} is believed", connection.host(), connection.port());
        ManagedChannel channel = connection.asStrangerToAnybody();
        try {
            return new Server(channel).bundle().bundle();
        } finally {
            channel.shutdownNow();
        }
    }

    private interface Reading<T> {
        T get() throws IOException;
    }

    private static <T> T readable(Path file, Reading<T> reading) throws IOException {
        try {
            return reading.get();
        } catch (IllegalArgumentException e) {
            throw new IOException("trust_bundle_path " + file + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static byte[] read(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IOException("trust_bundle_path " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
