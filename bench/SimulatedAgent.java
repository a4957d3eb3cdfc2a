// SPDX-License-Identifier: Apache-2.0
import io.countersign.agent.config.AgentConfig.Tokens;
import io.countersign.agent.config.AgentConfigFile;
import io.countersign.agent.identity.JwtSvids;
import io.countersign.agent.identity.Snapshots;
import io.countersign.agent.metrics.ServerCalls;
import io.countersign.agent.node.NodeAttestation;
import io.countersign.agent.node.NodeStore;
import io.countersign.agent.node.OwnIdentity;
import io.countersign.agent.server.Server;
import io.countersign.agent.server.ServerConnection;
import io.countersign.agent.sync.Upkeep;
import io.countersign.launch.metrics.Metrics;
import io.countersign.launch.metrics.Metrics.Labels;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.spiffe.x509.X509SvidValidator;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * All of our agent that speaks with the server, without the socket that programs come to: it attests, synchronises, renews
 * and has certificates and tokens signed.
 */
final class SimulatedAgent implements AutoCloseable {
    private static final InstantSource CLOCK = InstantSource.system();
    private static final long PATIENCE_SECONDS = 120;

    private final ManagedChannel channel;
    private final OwnIdentity own;
    private final Snapshots snapshots;
    private final Upkeep upkeep;
    private final JwtSvids tokens;
    private final Set<String> lasting;
    private final Map<String, X509Svid> verified = new HashMap<>();
    private String serial = "";
    private volatile int certificates;
    private volatile int renewals = -1;

    private SimulatedAgent(
            ManagedChannel channel, OwnIdentity own, Snapshots snapshots, Upkeep upkeep, Set<String> lasting) {
        this.channel = channel;
        this.own = own;
        this.snapshots = snapshots;
        this.upkeep = upkeep;
        this.tokens = new JwtSvids(new Server(channel), upkeep::taintedKeys, Tokens.STANDARD, CLOCK);
        this.lasting = lasting;
    }

    /**
     * Returns once it has everything that it is to have.
     *
     * @param folder for what it keeps
     * @param lasting the ids of the entries that every answer must have a certificate of
     * @param push whether it listens to the server, or knows nothing of that, as SPIRE's agent
     */
    static SimulatedAgent start(Path config, Path folder, String token, Set<String> lasting, boolean push)
            throws Exception {
        var read = AgentConfigFile.read(config, false, Map.of("join_token", token, "data_dir", folder.toString()));
        var connection = new ServerConnection(read.serverAddress(), read.serverPort(), read.trustDomain());
        var store = new NodeStore(read.trustDomain(), read.dataDir(), read.keyDirectory());
        var attestation = new NodeAttestation(read, connection, store, CLOCK);
        var snapshots = new Snapshots(read.trustDomain());
        var calls = new ServerCalls(new Metrics("spire_agent", Labels.NONE));
        var own = new OwnIdentity(read, attestation, store, calls, CLOCK, attestation.establish());
        var plain = connection.asNode(own::svid, domain -> own.bundle().bundle(domain));
        var channel = push ? plain : new WithoutPush(plain);
        var upkeep = new Upkeep(channel, own, snapshots, read, calls, CLOCK).start();
        upkeep.firstSync().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return new SimulatedAgent(channel, own, snapshots, upkeep, lasting);
    }

    /**
     * What a program gets that fetches all of its X.509-SVIDs now; a certificate is verified once.
     *
     * @throws IllegalStateException if one is missing, has ended, or does not lead to the bundle that comes with it
     */
    void fetch(Instant now) {
        if (!own.svid().serialNumberHex().equals(serial)) {
            serial = own.svid().serialNumberHex();
            renewals++;
        }
        var snapshot = snapshots.current();
        for (var id : lasting) {
            var held = snapshot.svids().get(id);
            if (held == null) {
                throw new IllegalStateException("no certificate of entry " + id);
            }
            if (!now.isBefore(held.svid().expiresAt())) {
                throw new IllegalStateException("an ended certificate of entry " + id);
            }
            if (verified.put(id, held.svid()) != held.svid()) {
                var _ = X509SvidValidator.verify(held.svid().chain(), snapshot, now);
                certificates++;
            }
        }
    }

    /** A token that nobody has asked for before. */
    void fetchToken() {
        var entry = snapshots.current().entries().get(lasting.iterator().next());
        var _ = tokens.fetch(entry, List.of(UUID.randomUUID().toString()));
    }

    /** Whether it has certificates of exactly these entries. */
    boolean holds(Set<String> entries) {
        var snapshot = snapshots.current();
        return snapshot.entries().keySet().equals(entries) && snapshot.svids().keySet().equals(entries);
    }

    /** The node's own path. */
    String path() {
        return own.svid().id().path();
    }

    /** How many were given out in fetches, each counted once. */
    int certificates() {
        return certificates;
    }

    /** How often a fetch has seen the node itself with another certificate. */
    int renewals() {
        return renewals;
    }

    @Override
    public void close() {
        upkeep.close();
        channel.shutdownNow();
    }
}
