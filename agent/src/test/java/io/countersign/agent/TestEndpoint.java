// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import static io.countersign.agent.TestDomain.HOME;

import io.countersign.agent.attest.Assurance;
import io.countersign.agent.attest.NameService;
import io.countersign.agent.attest.UnixAttestor;
import io.countersign.agent.attest.WorkloadAttestor;
import io.countersign.agent.attest.WorkloadAttestors;
import io.countersign.agent.config.AgentConfig.SdsNames;
import io.countersign.agent.config.AgentConfig.Tokens;
import io.countersign.agent.config.CallerLimits;
import io.countersign.agent.endpoint.PublicEndpoint;
import io.countersign.agent.entry.RegistrationEntry;
import io.countersign.agent.entry.Selector;
import io.countersign.agent.explain.RefusedCalls;
import io.countersign.agent.identity.IssuedSvid;
import io.countersign.agent.identity.JwtSvids;
import io.countersign.agent.identity.Snapshot;
import io.countersign.agent.identity.Snapshots;
import io.countersign.agent.sds.SecretService;
import io.countersign.agent.server.Server;
import io.countersign.agent.workload.WorkloadService;
import io.countersign.rpc.Peer;
import io.countersign.rpc.RpcChannels;
import io.countersign.rpc.RpcServer;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.workloadapi.WorkloadApiClient;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The agent's public socket over a snapshot that the test writes by hand. */
public final class TestEndpoint implements AutoCloseable {
    public static final SdsNames NAMES = new SdsNames("default", "ROOTCA", "ALL", false);

    public final TestDomain home = new TestDomain(HOME);
    public final TestDomain abroad = new TestDomain(TestDomain.ABROAD);
    public final Snapshots snapshots = new Snapshots(HOME);
    public final ManagedChannel channel;
    public final WorkloadApiClient client;
    public final WorkloadAttestors attestors;
    public final JwtSvids tokens;

    /** The log may show users. */
    public final RefusedCalls refused = new RefusedCalls(InstantSource.system(), List.of("unix:uid"));

    private final ManagedChannel toServer;
    private final RpcServer endpoint;

    /** What may differ between endpoints. */
    public record Options(
            List<WorkloadAttestor> attestors,
            boolean unauthenticatedVerifiers,
            Set<String> foreignClaims,
            SdsNames names,
            CallerLimits limits) {
        public static Options standard() {
            var unix = new UnixAttestor(false, 0, new NameService(InstantSource.system()));
            return of(unix);
        }

        /** Where looking at a process fails. */
        public static Options blind() {
            return of(new Blind());
        }

        public static Options of(WorkloadAttestor attestor) {
            return new Options(List.of(attestor), false, Set.of(), NAMES, CallerLimits.standard());
        }
    }

    public TestEndpoint(Path folder, Options options) throws IOException {
        this(folder, options, RpcChannels.unix(folder.resolve("nobody.sock")), InstantSource.system());
    }

    /** @param toServer where tokens are asked for; closed with this */
    public TestEndpoint(Path folder, Options options, ManagedChannel toServer, InstantSource clock) throws IOException {
        this.toServer = toServer;
        attestors = new WorkloadAttestors(options.attestors(), false, options.limits(), clock);
        var patience = new Tokens(1000, Duration.ofSeconds(30), Duration.ofSeconds(1));
        tokens = new JwtSvids(new Server(toServer), () -> Set.of(), patience, clock);
        var workload = new WorkloadService(
                attestors, snapshots, tokens, options.unauthenticatedVerifiers(), options.foreignClaims(), clock);
        var sds = new SecretService(attestors, snapshots, options.names());
        var socket = folder.resolve("agent.sock");
        endpoint = PublicEndpoint.open(
                socket, options.limits(), refused, List.of(workload.bindService(), sds.bindService()), List.of());
        channel = RpcChannels.unix(socket);
        client = WorkloadApiClient.connect(socket.toString(), Duration.ofSeconds(20));
    }

    /** A selector that this process has. */
    public static Selector here() {
        try {
            return new Selector("unix", "uid:" + Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One that this process has not. */
    public static Selector elsewhere() {
        return new Selector("unix", "uid:4294967294");
    }

    /** Of this process and this revision. */
    public RegistrationEntry entry(String id, String path, TrustDomain... federated) {
        return entry(id, path, "", here(), federated);
    }

    public RegistrationEntry entry(String id, String path, String hint, Selector selector, TrustDomain... federated) {
        return new RegistrationEntry(
                id, home.id(path), Set.of(selector), Set.of(federated), hint, 1, Instant.EPOCH, false);
    }

    /** Makes these the entries, with a certificate each, and the own bundle with those of all their domains. */
    public void put(RegistrationEntry... entries) {
        snapshots.update(before -> {
            var byId = new HashMap<String, RegistrationEntry>();
            var svids = new HashMap<String, IssuedSvid>();
            for (var entry : entries) {
                byId.put(entry.id(), entry);
                var held = before.svids().get(entry.id());
                svids.put(
                        entry.id(),
                        held != null && held.svid().id().equals(entry.spiffeId())
                                ? held
                                : home.issued(entry.spiffeId().path()));
            }
            var bundles = new HashMap<TrustDomain, TrustBundle>(before.bundles());
            bundles.putIfAbsent(HOME, home.bundle());
            bundles.putIfAbsent(TestDomain.ABROAD, abroad.bundle());
            return new Snapshot(before.version(), HOME, byId, svids, bundles);
        });
    }

    /** Changes the certificates of these entries and no others. */
    public void rotate(String... ids) {
        snapshots.update(before -> {
            var svids = new HashMap<>(before.svids());
            for (var id : ids) {
                var entry = before.entries().get(id);
                if (entry == null) {
                    throw new IllegalArgumentException(id);
                }
                svids.put(id, home.issued(entry.spiffeId().path()));
            }
            return new Snapshot(before.version(), HOME, before.entries(), svids, before.bundles());
        });
    }

    public void forgetSvids() {
        snapshots.update(before -> new Snapshot(before.version(), HOME, before.entries(), Map.of(), before.bundles()));
    }

    public void forget(TrustDomain domain) {
        snapshots.update(before -> {
            var bundles = new HashMap<>(before.bundles());
            bundles.remove(domain);
            return new Snapshot(before.version(), HOME, before.entries(), before.svids(), bundles);
        });
    }

    public void trust(TrustBundle bundle) {
        snapshots.update(before -> {
            var bundles = new HashMap<>(before.bundles());
            bundles.put(bundle.trustDomain(), bundle);
            return new Snapshot(before.version(), HOME, before.entries(), before.svids(), bundles);
        });
    }

    /** The leaf that the snapshot holds. */
    public IssuedSvid held(String id) {
        var held = snapshots.current().svids().get(id);
        if (held == null) {
            throw new IllegalArgumentException(id);
        }
        return held;
    }

    /** As the agent does; callers stay. */
    public void stop() throws Exception {
        endpoint.close();
    }

    @Override
    public void close() throws Exception {
        client.close();
        channel.shutdownNow();
        toServer.shutdownNow();
        endpoint.close();
    }

    private static final class Blind implements WorkloadAttestor {
        @Override
        public String name() {
            return "blind";
        }

        @Override
        public Map<Selector, Assurance> attest(Peer.LocalProcess process) throws IOException {
            throw new IOException("it is dark");
        }
    }
}
