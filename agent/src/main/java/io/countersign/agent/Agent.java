// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import io.countersign.agent.admin.DebugService;
import io.countersign.agent.admin.LoggerService;
import io.countersign.agent.attest.JvmAttestor;
import io.countersign.agent.attest.NameService;
import io.countersign.agent.attest.PluginAttestor;
import io.countersign.agent.attest.UnixAttestor;
import io.countersign.agent.attest.WorkloadAttestor;
import io.countersign.agent.attest.WorkloadAttestors;
import io.countersign.agent.attest.container.DockerAttestor;
import io.countersign.agent.attest.kubernetes.KubernetesAttestor;
import io.countersign.agent.attest.systemd.SystemdAttestor;
import io.countersign.agent.audit.AuditedCalls;
import io.countersign.agent.config.AgentConfig;
import io.countersign.agent.config.AgentConfig.AttestorConfig;
import io.countersign.agent.config.DockerConfig;
import io.countersign.agent.config.KubernetesConfig;
import io.countersign.agent.delegated.DelegatedIdentityService;
import io.countersign.agent.endpoint.AdminEndpoint;
import io.countersign.agent.endpoint.PublicEndpoint;
import io.countersign.agent.explain.ExplainService;
import io.countersign.agent.explain.RefusedCalls;
import io.countersign.agent.identity.JwtSvids;
import io.countersign.agent.identity.Snapshots;
import io.countersign.agent.identity.TokenRefresh;
import io.countersign.agent.metrics.AgentMetrics;
import io.countersign.agent.metrics.ApiMetrics;
import io.countersign.agent.metrics.ServerCalls;
import io.countersign.agent.node.NodeAttestation;
import io.countersign.agent.node.NodeIdentity;
import io.countersign.agent.node.NodeRefusedException;
import io.countersign.agent.node.NodeStore;
import io.countersign.agent.node.OwnIdentity;
import io.countersign.agent.sds.SecretService;
import io.countersign.agent.sealed.SealedCache;
import io.countersign.agent.server.Server;
import io.countersign.agent.server.ServerConnection;
import io.countersign.agent.sync.Upkeep;
import io.countersign.agent.workload.WorkloadService;
import io.countersign.launch.Closing;
import io.countersign.launch.Stopping;
import io.countersign.launch.audit.AuditLog;
import io.countersign.launch.health.HealthListener;
import io.countersign.launch.health.HealthListener.Answer;
import io.countersign.launch.metrics.Metrics;
import io.countersign.launch.metrics.Metrics.Labels;
import io.countersign.launch.metrics.MetricsListener;
import io.countersign.rpc.Peer;
import io.countersign.rpc.WatchedCalls;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running agent: everything is made here, in the order in which it comes to life. */
public final class Agent {
    private static final Logger log = LoggerFactory.getLogger(Agent.class);
    private static final String PROGRAM = "spire_agent";
    private static final Answer NOT_YET =
            new Answer(false, "{\"agent\":{\"make_new_x509_err\":\"no synchronisation with the server yet\"}}");
    private static final Path PROC = Path.of("/proc");

    private final AgentConfig config;
    private final InstantSource clock = InstantSource.system();
    private final Stopping stopping = new Stopping();
    private volatile Optional<Upkeep> serving = Optional.empty();

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
        // what the first look at a process costs more than all others is over before the first program calls
        Thread.startVirtualThread(() -> Peer.LocalProcess.running(
                Math.toIntExact(ProcessHandle.current().pid())));
        var metrics = metrics(closing);
        var calls = new ServerCalls(metrics);
        var connection = new ServerConnection(config.serverAddress(), config.serverPort(), config.trustDomain());
        var store = new NodeStore(config.trustDomain(), config.dataDir(), config.keyDirectory());
        var attestation = new NodeAttestation(config, connection, store, clock);
        var snapshots = new Snapshots(config.trustDomain());
        var sealed = cache(snapshots);
        boolean serves = !snapshots.current().entries().isEmpty();
        var own = new OwnIdentity(config, attestation, store, calls, clock, identity(attestation, serves));
        requireRebootstrap(own);
        var channel = connection.asNode(own::svid, domain -> own.bundle().bundle(domain));
        var server = new Server(channel);
        var upkeep = closing.add(new Upkeep(channel, own, snapshots, config, calls, clock).start());
        sealed.ifPresent(cache -> {
            closing.add(cache.follow(snapshots));
            var _ = upkeep.refused().thenRun(cache::forget);
        });
        if (!serves) {
            CompletableFuture.anyOf(upkeep.firstEntries(), upkeep.refused()).get();
        }
        if (upkeep.refused().isDone()) {
            throw upkeep.refused().get();
        }
        var tokens = new JwtSvids(server, upkeep::taintedKeys, config.tokens(), clock);
        closing.add(new TokenRefresh(tokens, snapshots).start());
        AgentMetrics.addCaches(metrics, snapshots, tokens);
        var around = around(closing, metrics);
        var attestors = attestors();
        var refused = new RefusedCalls(clock, config.loggedSelectors());
        if (config.services().any()) {
            closing.add(PublicEndpoint.open(
                    config.socketPath(),
                    config.callerLimits(),
                    refused,
                    services(attestors, snapshots, tokens),
                    around));
            log.info("agent serves the workload api on {}", config.socketPath());
        }
        if (config.admin().isPresent()) {
            var admin = config.admin().get();
            var delegated = new DelegatedIdentityService(attestors, admin.delegates(), snapshots, tokens);
            var debug = new DebugService(own, snapshots, tokens, upkeep, clock);
            var logger = new LoggerService(config.log().level());
            var explain = new ExplainService(
                    attestors, snapshots, refused, () -> own.svid().id());
            closing.add(AdminEndpoint.open(
                    admin.socket(),
                    List.of(delegated.bindService(), debug.bindService(), logger.bindService(), explain.bindService()),
                    around));
            log.info("agent serves its operators on {}", admin.socket());
        }
        var ready = serves ? CompletableFuture.completedFuture(upkeep.lastSync()) : upkeep.firstSync();
        var _ = ready.thenRun(() -> serving = Optional.of(upkeep));
        postVersion(server);
        return upkeep.refused();
    }

    /** With what was held when this agent ended, if it was kept. */
    private Optional<SealedCache> cache(Snapshots snapshots) throws IOException {
        if (config.svidCache().isEmpty()) {
            return Optional.empty();
        }
        var cache = SealedCache.open(config.svidCache().get(), config.trustDomain());
        cache.load(clock.instant()).ifPresent(kept -> snapshots.update(_ -> kept));
        return Optional.of(cache);
    }

    /** Who has something to serve does not wait for the server: its identity is renewed on the way. */
    private static NodeIdentity identity(NodeAttestation attestation, boolean serves)
            throws IOException, InterruptedException {
        var stored = serves ? attestation.stored() : Optional.<NodeIdentity>empty();
        return stored.isPresent() ? stored.get() : attestation.establish();
    }

    /** Given to Prometheus from the beginning, where that is wanted: an agent that is not let in is worth a look. */
    private Metrics metrics(Closing closing) throws IOException {
        if (config.telemetry().isEmpty()) {
            return new Metrics(PROGRAM, Labels.NONE);
        }
        var telemetry = config.telemetry().get();
        var metrics = telemetry.metrics(PROGRAM, config.trustDomain().name());
        AgentMetrics.addProcess(metrics, config.trustDomain(), Version.current());
        closing.add(new MetricsListener(telemetry.address(), metrics));
        return metrics;
    }

    /** What stands around all calls. */
    private List<ServerInterceptor> around(Closing closing, Metrics metrics) throws IOException {
        var around = new ArrayList<ServerInterceptor>();
        if (config.telemetry().isPresent()) {
            around.add(new WatchedCalls(new ApiMetrics(metrics)));
        }
        if (config.audit().isPresent()) {
            around.add(new AuditedCalls(closing.add(AuditLog.open(config.audit().get(), clock)), clock));
        }
        return around;
    }

    /** In the words of the original, as operators look for them. */
    private void requireRebootstrap(OwnIdentity own) {
        var wish =
                "you have requested rebootstrap support but the NodeAttestor plugin or the spire server configuration"
                        + " is not allowing it";
        switch (config.rebootstrap().mode()) {
            case NEVER -> {}
            case AUTO -> {
                if (!own.isReattestable()) {
                    log.warn("{}. Disabling", wish);
                }
            }
            case ALWAYS -> {
                if (!own.isReattestable()) {
                    throw new IllegalStateException(wish);
                }
            }
        }
    }

    private List<ServerServiceDefinition> services(WorkloadAttestors attestors, Snapshots snapshots, JwtSvids tokens) {
        var services = new ArrayList<ServerServiceDefinition>();
        if (config.services().workloadApi()) {
            services.add(new WorkloadService(
                            attestors,
                            snapshots,
                            tokens,
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
                case AttestorConfig.Systemd() -> attestors.add(new SystemdAttestor(SystemdAttestor.SYSTEM_BUS, PROC));
                case AttestorConfig.Plugin(String name, var plugin) -> attestors.add(new PluginAttestor(name, plugin));
                case DockerConfig docker -> attestors.add(new DockerAttestor(docker, PROC));
                case KubernetesConfig kubernetes -> attestors.add(new KubernetesAttestor(kubernetes, PROC));
            }
        }
        if (claimsSuffice) {
            log.warn(
                    "allow_claims_alone: a process can get the identity of another by a command line like the other's");
        }
        return new WorkloadAttestors(attestors, claimsSuffice, config.callerLimits(), clock);
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
        return serving.map(upkeep -> Readiness.of(upkeep.standing())).orElse(NOT_YET);
    }
}
