// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import io.countersign.ca.key.DiskKeyRing;
import io.countersign.ca.key.KeyRing;
import io.countersign.ca.key.MemoryKeyRing;
import io.countersign.ca.key.Pkcs11KeyRing;
import io.countersign.datastore.Database;
import io.countersign.datastore.authority.AuthorityJournal;
import io.countersign.datastore.authority.TrustedAuthorities;
import io.countersign.datastore.change.ChangeFeed;
import io.countersign.datastore.entry.Entries;
import io.countersign.datastore.federation.FederatedBundle;
import io.countersign.datastore.federation.FederatedBundles;
import io.countersign.datastore.federation.FederationRelationships;
import io.countersign.datastore.node.AttestedNodes;
import io.countersign.datastore.node.JoinTokens;
import io.countersign.launch.Closing;
import io.countersign.launch.Stopping;
import io.countersign.launch.audit.AuditLog;
import io.countersign.launch.health.HealthListener;
import io.countersign.launch.health.HealthListener.Answer;
import io.countersign.launch.metrics.MetricsListener;
import io.countersign.launch.metrics.TelemetrySettings;
import io.countersign.server.audit.AuditedCalls;
import io.countersign.server.authority.Authorities;
import io.countersign.server.authority.ServerIdentity;
import io.countersign.server.authority.UpstreamWatch;
import io.countersign.server.bundle.BundleService;
import io.countersign.server.caller.Authorization;
import io.countersign.server.caller.CallLimits;
import io.countersign.server.caller.KnownNodes;
import io.countersign.server.caller.OpenCalls;
import io.countersign.server.caller.Visitors;
import io.countersign.server.config.ServerConfig;
import io.countersign.server.config.ServerConfig.Keys;
import io.countersign.server.config.UpstreamSettings;
import io.countersign.server.debug.DebugService;
import io.countersign.server.endpoint.Endpoints;
import io.countersign.server.endpoint.Failures;
import io.countersign.server.entry.AuthorizedEntries;
import io.countersign.server.entry.EntryCatalog;
import io.countersign.server.entry.EntryService;
import io.countersign.server.federation.BundleEndpointListener;
import io.countersign.server.federation.BundlePolling;
import io.countersign.server.federation.PublishedBundle;
import io.countersign.server.federation.TrustDomainService;
import io.countersign.server.localauthority.LocalAuthorityService;
import io.countersign.server.logger.LoggerService;
import io.countersign.server.metrics.CallMetrics;
import io.countersign.server.metrics.ServerMetrics;
import io.countersign.server.node.AgentService;
import io.countersign.server.notifier.BundleNotice;
import io.countersign.server.role.RoleCheck;
import io.countersign.server.svid.SvidService;
import io.countersign.server.upstream.DiskUpstream;
import io.countersign.server.upstream.SpireUpstream;
import io.countersign.server.upstream.UpstreamAuthority;
import io.countersign.server.watch.WatchService;
import io.countersign.spiffe.bundle.BundleSource;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.workloadapi.tls.SpiffeTls;
import io.grpc.ServerInterceptor;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running server: everything is made here, in the order in which it comes to life. */
public final class Server implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Server.class);

    private final Closing closing = new Closing();
    private final int port;
    private OptionalInt bundlePort = OptionalInt.empty();

    private Server(ServerConfig config, InstantSource clock) throws IOException {
        try {
            port = open(config, clock);
        } catch (IOException | RuntimeException e) {
            closing.close();
            throw e;
        }
    }

    /**
     * Serves until it is closed.
     *
     * @throws IOException if the datastore, the keys or a socket cannot be opened; nothing is left open then
     */
    public static Server start(ServerConfig config) throws IOException {
        return start(config, InstantSource.system());
    }

    /** As {@link #start(ServerConfig)}, at the time that the clock says. */
    static Server start(ServerConfig config, InstantSource clock) throws IOException {
        return new Server(config, clock);
    }

    /** Serves until a signal comes. */
    public static void run(ServerConfig config) throws Exception {
        new Stopping().await(start(config));
    }

    private int open(ServerConfig config, InstantSource clock) throws IOException {
        config.notices().forEach(notice -> log.warn("{}", notice));
        var server = ServerId.in(config.datastore().dataDir());
        var database = closing.add(Database.open(config.datastore().database()));
        var feed = closing.add(new ChangeFeed(database).start());
        var entries = new Entries(database);
        var nodes = new AttestedNodes(database);
        var tokens = new JoinTokens(database);
        var federatedBundles = new FederatedBundles(database);
        var upstream = upstream(config, clock);
        upstream.ifPresent(closing::add);
        var authorities = new Authorities(
                config,
                keys(config.keys()),
                new AuthorityJournal(database, server),
                new TrustedAuthorities(database),
                upstream,
                clock);
        upstream.ifPresent(_ -> closing.add(new UpstreamWatch(authorities).start()));
        var identity = new ServerIdentity(
                config.trustDomain(), authorities, config.lives().x509Svid(), clock);
        var catalog = closing.add(new EntryCatalog(config.trustDomain(), entries, feed).start());
        var known = closing.add(new KnownNodes(nodes, feed).start());
        var authorized = new AuthorizedEntries(catalog, known, clock);
        closing.add(new Housekeeping(authorities, new Pruning(entries, tokens, nodes, feed, clock))
                .start(config.lives().authority(), config.datastore().pruning()));

        var relationships = new FederationRelationships(database);
        BundleSource trusted = domain -> domain.equals(config.trustDomain())
                ? Optional.of(authorities.current().trust())
                : federatedBundles.find(domain).map(FederatedBundle::bundle);
        var polling = closing.add(new BundlePolling(
                config.federation().federatesWith(), relationships, federatedBundles, trusted, clock));

        var watch = closing.add(new WatchService(feed, authorized).start());
        var limits = new CallLimits(config.rateLimits());
        var services = List.of(
                new AgentService(config, nodes, known, tokens, entries, catalog, authorities, limits, clock)
                        .bindService(),
                new EntryService(config.trustDomain(), entries, catalog, authorized, clock).bindService(),
                new SvidService(config, authorities, authorized, limits, clock).bindService(),
                new BundleService(config.trustDomain(), authorities, federatedBundles, limits).bindService(),
                new TrustDomainService(config.trustDomain(), relationships, federatedBundles, polling).bindService(),
                new LocalAuthorityService(authorities).bindService(),
                watch.bindService());
        var localServices = List.of(
                new LoggerService(config.log().level()).bindService(),
                new DebugService(identity, authorities, nodes, catalog, federatedBundles, clock).bindService());
        var authorization =
                new Authorization(config.admins(), id -> catalog.current().of(id), nodes, known, clock);
        var endpoints = new Endpoints(
                services, localServices, interceptors(config, authorization, entries, authorities, clock));
        var visitors = new Visitors(config.trustDomain(), config.admins(), trusted);
        var tls = new SpiffeTls(identity::svid, visitors, visitors::mayConnect);
        int tcp = endpoints.openTcp(closing, config.address(), tls);
        endpoints.openLocal(closing, config.socketPath(), () -> isHealthy(authorities));
        openBundleEndpoint(config, identity, authorities, clock);
        polling.start();
        closing.add(new Neighbours(feed, authorities, polling).start());
        openHealth(config, authorities);
        config.bundleConfigMaps()
                .forEach(place -> closing.add(new BundleNotice(
                                config.trustDomain(),
                                place,
                                () -> authorities.current().published())
                        .start()));
        log.info("server of {} listens on port {} and on {}", config.trustDomain(), tcp, config.socketPath());
        return tcp;
    }

    /** The first stands around the others. */
    private List<ServerInterceptor> interceptors(
            ServerConfig config,
            Authorization authorization,
            Entries entries,
            Authorities authorities,
            InstantSource clock)
            throws IOException {
        var oversight = config.oversight();
        var all = new ArrayList<ServerInterceptor>();
        if (oversight.telemetry().isPresent()) {
            all.add(openMetrics(config, oversight.telemetry().get(), authorities, clock));
        }
        Optional<AuditedCalls> audited = Optional.empty();
        if (oversight.audit().isPresent()) {
            var log = closing.add(AuditLog.open(oversight.audit().get(), clock));
            audited = Optional.of(new AuditedCalls(log, clock));
        }
        RoleCheck.DryRun dryRun =
                audited.<RoleCheck.DryRun>map(calls -> calls::wouldRefuse).orElse(why -> {});
        audited.ifPresent(all::add);
        all.add(new OpenCalls());
        all.add(new Failures());
        all.add(authorization);
        oversight
                .roles()
                .map(roles -> new RoleCheck(roles, config.trustDomain(), entries::find, dryRun))
                .ifPresent(all::add);
        audited.map(AuditedCalls::beforeChanges).ifPresent(all::add);
        return all;
    }

    private ServerInterceptor openMetrics(
            ServerConfig config, TelemetrySettings telemetry, Authorities authorities, InstantSource clock)
            throws IOException {
        var metrics = telemetry.metrics("spire_server", config.trustDomain().name());
        ServerMetrics.add(metrics, config.trustDomain(), Version.current(), authorities, clock);
        closing.add(new MetricsListener(telemetry.address(), metrics));
        return new CallMetrics(metrics);
    }

    private void openBundleEndpoint(
            ServerConfig config, ServerIdentity identity, Authorities authorities, InstantSource clock)
            throws IOException {
        if (config.federation().endpoint().isPresent()) {
            var endpoint = config.federation().endpoint().get();
            Supplier<TrustBundle> published = () -> PublishedBundle.of(
                    config.trustDomain(), authorities.current().published(), Optional.of(endpoint.refreshHint()));
            bundlePort = OptionalInt.of(closing.add(new BundleEndpointListener(endpoint, identity, published, clock))
                    .port());
        }
    }

    private void openHealth(ServerConfig config, Authorities authorities) throws IOException {
        if (config.health().isPresent()) {
            var health = config.health().get();
            closing.add(new HealthListener(
                    health.address(),
                    Map.of(
                            health.livePath(),
                            () -> answer(authorities),
                            health.readyPath(),
                            () -> answer(authorities))));
        }
    }

    private KeyRing keys(Keys keys) throws IOException {
        return switch (keys) {
            case Keys.Memory() -> new MemoryKeyRing();
            case Keys.Disk(var file) -> DiskKeyRing.open(file);
            case Keys.Pkcs11(var settings) -> closing.add(Pkcs11KeyRing.open(settings));
        };
    }

    private static Optional<UpstreamAuthority> upstream(ServerConfig config, InstantSource clock) throws IOException {
        var settings = config.signing().upstream();
        if (settings.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                switch (settings.get()) {
                    case UpstreamSettings.Disk disk -> new DiskUpstream(disk, clock);
                    case UpstreamSettings.Spire spire -> new SpireUpstream(spire, config.trustDomain());
                });
    }

    private static boolean isHealthy(Authorities authorities) {
        return !authorities.current().trust().x509Authorities().isEmpty();
    }

    private static Answer answer(Authorities authorities) {
        boolean healthy = isHealthy(authorities);
        return new Answer(healthy, healthy ? "{\"server\":{}}" : "{\"server\":{\"err\":\"the bundle is empty\"}}");
    }

    /** The TCP port listened on. */
    public int port() {
        return port;
    }

    /** The TCP port of the bundle endpoint, if there is one. */
    OptionalInt bundlePort() {
        return bundlePort;
    }

    @Override
    public void close() {
        closing.close();
    }
}
