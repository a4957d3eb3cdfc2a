// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import io.countersign.agent.attest.JvmAttestor;
import io.countersign.agent.attest.NameService;
import io.countersign.agent.attest.UnixAttestor;
import io.countersign.agent.attest.WorkloadAttestor;
import io.countersign.agent.attest.WorkloadAttestors;
import io.countersign.agent.config.AgentConfig;
import io.countersign.agent.config.AgentConfig.AttestorConfig;
import io.countersign.agent.endpoint.PublicEndpoint;
import io.countersign.agent.identity.JwtSvids;
import io.countersign.agent.identity.Snapshots;
import io.countersign.agent.node.NodeAttestation;
import io.countersign.agent.node.NodeRefusedException;
import io.countersign.agent.node.NodeStore;
import io.countersign.agent.node.OwnIdentity;
import io.countersign.agent.sds.SecretService;
import io.countersign.agent.server.Server;
import io.countersign.agent.server.ServerConnection;
import io.countersign.agent.sync.Upkeep;
import io.countersign.agent.workload.WorkloadService;
import io.countersign.launch.Closing;
import io.countersign.launch.Stopping;
import io.countersign.launch.health.HealthListener;
import io.countersign.launch.health.HealthListener.Answer;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running agent: everything is made here, in the order in which it comes to life. */
public final class Agent {
    private static final Logger log = LoggerFactory.getLogger(Agent.class);

    private final AgentConfig config;
    private final InstantSource clock = InstantSource.system();
    private final Stopping stopping = new Stopping();
    private final AtomicBoolean serving = new AtomicBoolean();

    public Agent(AgentConfig config) {
        this.config = config;
    }

    /** Ends {@link #run}. */
    public void stop() {
        stopping.stop();
    }

    /**
     * Serves until a signal comes.
     *
     * @throws NodeRefusedException if the server refuses this node
     */
    public void run() throws Exception {
        var closing = new Closing();
        try {
            if (config.health().isPresent()) {
                var health = config.health().get();
                closing.add(new HealthListener(
                        health.address(), Map.of(health.livePath(), this::live, health.readyPath(), this::ready)));
            }
            var refused = start(closing);
            var _ = refused.thenRun(stopping::stop);
            log.info("agent serves the workload api on {}", config.socketPath());
            stopping.await(closing);
            if (refused.isDone()) {
                throw refused.get();
            }
        } finally {
            closing.close();
        }
    }

    /** Done if the server refuses this node later on. */
    private CompletableFuture<NodeRefusedException> start(Closing closing)
            throws IOException, InterruptedException, ExecutionException {
        var connection = new ServerConnection(config.serverAddress(), config.serverPort(), config.trustDomain());
        var store = new NodeStore(config.trustDomain(), config.dataDir(), config.keyDirectory());
        var attestation = new NodeAttestation(config, connection, store, clock);
        var own = new OwnIdentity(attestation, store, clock, attestation.establish());
        var snapshots = new Snapshots(config.trustDomain());
        var channel = connection.asNode(
                own::svid,
                domain ->
                        snapshots.current().bundle(domain).or(() -> own.bundle().bundle(domain)));
        var server = new Server(channel);
        var upkeep = closing.add(
                new Upkeep(channel, own, snapshots, config.workloadKeyType(), config.syncInterval(), clock).start());
        CompletableFuture.anyOf(upkeep.firstSync(), upkeep.refused()).get();
        if (upkeep.refused().isDone()) {
            throw upkeep.refused().get();
        }
        postVersion(server);
        closing.add(PublicEndpoint.open(config.socketPath(), services(snapshots, upkeep, server)));
        serving.set(true);
        return upkeep.refused();
    }

    private List<ServerServiceDefinition> services(Snapshots snapshots, Upkeep upkeep, Server server) {
        var attestors = attestors();
        var services = new ArrayList<ServerServiceDefinition>();
        if (config.services().workloadApi()) {
            services.add(new WorkloadService(
                            attestors,
                            snapshots,
                            new JwtSvids(server, upkeep::taintedKeys, clock),
                            config.unauthenticatedVerifiers(),
                            config.foreignClaims(),
                            clock)
                    .bindService());
        }
        if (config.services().sds()) {
            services.add(new SecretService(attestors, snapshots, config.sdsNames()).bindService());
        }
        return services;
    }

    private WorkloadAttestors attestors() {
        var names = new NameService(clock);
        var attestors = new ArrayList<WorkloadAttestor>();
        boolean claimsSuffice = false;
        for (var attestor : config.attestors()) {
            switch (attestor) {
                case AttestorConfig.Unix(boolean path, long limit) ->
                    attestors.add(new UnixAttestor(path, limit, names));
                case AttestorConfig.Jvm(boolean alone) -> {
                    attestors.add(new JvmAttestor());
                    claimsSuffice |= alone;
                }
            }
        }
        if (claimsSuffice) {
            log.warn(
                    "allow_claims_alone: a process can get the identity of another by a command line like the other's");
        }
        return new WorkloadAttestors(attestors, claimsSuffice);
    }

    /** The server may show it to operators; that it cannot be told is no reason not to serve. */
    private static void postVersion(Server server) {
        try {
            server.postStatus(Version.current());
        } catch (StatusRuntimeException e) {
            log.debug("the server does not take the version: {}", e.getStatus());
        }
    }

    private Answer live() {
        return new Answer(true, "{}");
    }

    private Answer ready() {
        return serving.get()
                ? new Answer(true, "{\"agent\":{}}")
                : new Answer(false, "{\"agent\":{\"make_new_x509_err\":\"no synchronisation with the server yet\"}}");
    }
}
