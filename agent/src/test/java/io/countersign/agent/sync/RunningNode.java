// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sync;

import static io.countersign.agent.TestDomain.HOME;

import io.countersign.agent.FakeServer;
import io.countersign.agent.PopFiles;
import io.countersign.agent.TestConfig;
import io.countersign.agent.config.AgentConfig;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import io.countersign.agent.config.AgentConfig.Rebootstrap;
import io.countersign.agent.config.Bootstrap;
import io.countersign.agent.entry.Edition;
import io.countersign.agent.identity.IssuedSvid;
import io.countersign.agent.identity.Snapshots;
import io.countersign.agent.metrics.ServerCalls;
import io.countersign.agent.node.NodeAttestation;
import io.countersign.agent.node.NodeIdentity;
import io.countersign.agent.node.NodeStore;
import io.countersign.agent.node.OwnIdentity;
import io.countersign.agent.server.ServerConnection;
import io.countersign.launch.metrics.Metrics;
import io.countersign.launch.metrics.Metrics.Labels;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The loop of a node, and the server on a real socket that it asks; its clock moves when the test says so. */
final class RunningNode implements AutoCloseable {
    final FakeServer server;
    final Snapshots snapshots = new Snapshots(HOME);
    final Metrics metrics = new Metrics("spire_agent", Labels.NONE);
    private final Path folder;
    private Optional<Upkeep> upkeep = Optional.empty();
    private Optional<OwnIdentity> own = Optional.empty();

    /** Nothing runs yet but the server. */
    RunningNode(Path folder) throws IOException {
        this.folder = folder;
        this.server = FakeServer.start();
    }

    NodeStore store() {
        return new NodeStore(HOME, folder.resolve("data"), Optional.of(folder.resolve("keys")));
    }

    Upkeep upkeep() {
        return upkeep.orElseThrow();
    }

    OwnIdentity own() {
        return own.orElseThrow();
    }

    X509Svid held(String id) {
        return Optional.ofNullable(snapshots.current().svids().get(id))
                .orElseThrow()
                .svid();
    }

    /** A node that came with a token, which may not prove itself again. */
    Upkeep start() throws Exception {
        return start("/spire/agent/join_token/x", false, TestConfig.of(folder, server, Optional.empty()));
    }

    /** As {@link #start}, whose operator may put another token into a file. */
    Upkeep startWithTokenFile(Path file) throws Exception {
        var attestor = new NodeAttestorConfig.JoinToken(Optional.empty(), Optional.of(file));
        return start(
                "/spire/agent/join_token/x",
                false,
                TestConfig.of(folder, server, attestor, new Bootstrap.PemFile(bootstrap())));
    }

    /** A node that proves itself by a certificate, and has done so before. */
    Upkeep startReattestable() throws Exception {
        return startReattestable(Rebootstrap.STANDARD);
    }

    Upkeep startReattestable(Rebootstrap rebootstrap) throws Exception {
        var config =
                TestConfig.of(folder, server, PopFiles.ec(folder).config(), new Bootstrap.PemFile(writeBootstrap()));
        return start("/spire/agent/x509pop/node", true, TestConfig.rebootstrapping(config, rebootstrap));
    }

    private Path bootstrap() {
        return folder.resolve("boot.pem");
    }

    /** What an operator or a config map does when the server has new authorities. */
    Path writeBootstrap() throws IOException {
        return Files.writeString(
                bootstrap(), Pem.certificates(server.domain.bundle().x509Authorities()));
    }

    Upkeep start(String path, boolean reattestable, AgentConfig config) throws Exception {
        var svid = IssuedSvid.of(server.domain.issue(path), Edition.NONE);
        var node = new NodeIdentity(svid, server.domain.bundle(), reattestable);
        var calls = new ServerCalls(metrics);
        var connection = new ServerConnection("127.0.0.1", server.port(), HOME);
        var attestation = new NodeAttestation(config, connection, store(), server.clock);
        var identity = new OwnIdentity(config, attestation, store(), calls, server.clock, node);
        var channel =
                connection.asNode(identity::svid, domain -> identity.bundle().bundle(domain));
        var started = new Upkeep(channel, identity, snapshots, config, calls, server.clock).start();
        upkeep = Optional.of(started);
        own = Optional.of(identity);
        return started;
    }

    /** Until the first synchronisation. */
    static Upkeep synchronised(Upkeep started) throws Exception {
        started.firstSync().get(20, TimeUnit.SECONDS);
        return started;
    }

    /** So that the next synchronisation is due. */
    void interval() {
        server.clock.advance(Duration.ofSeconds(5));
    }

    @Override
    public void close() throws Exception {
        upkeep.ifPresent(Upkeep::close);
        server.close();
    }
}
