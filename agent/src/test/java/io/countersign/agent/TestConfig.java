// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import static io.countersign.agent.TestDomain.HOME;

import io.countersign.agent.config.AgentConfig;
import io.countersign.agent.config.AgentConfig.Admin;
import io.countersign.agent.config.AgentConfig.AttestorConfig;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import io.countersign.agent.config.AgentConfig.Rebootstrap;
import io.countersign.agent.config.AgentConfig.Services;
import io.countersign.agent.config.AgentConfig.SvidCache;
import io.countersign.agent.config.AgentConfig.Tokens;
import io.countersign.agent.config.Bootstrap;
import io.countersign.agent.config.CallerLimits;
import io.countersign.agent.config.WorkloadKeyType;
import io.countersign.launch.LogSettings;
import io.countersign.launch.audit.AuditSettings;
import io.countersign.launch.metrics.TelemetrySettings;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The configuration of an agent whose files are all in one folder. */
public final class TestConfig {
    private TestConfig() {}

    /** Trusts the server by a file of its authorities. */
    public static AgentConfig of(Path folder, FakeServer server, Optional<String> token) throws IOException {
        var bundle = folder.resolve("boot.pem");
        Files.writeString(bundle, Pem.certificates(server.domain.bundle().x509Authorities()));
        return of(folder, server, token, new Bootstrap.PemFile(bundle));
    }

    public static AgentConfig of(Path folder, FakeServer server, Optional<String> token, Bootstrap bootstrap) {
        return of(folder, server, new NodeAttestorConfig.JoinToken(token), bootstrap);
    }

    /** What may be changed of one that is made. */
    private record Changes(
            Rebootstrap rebootstrap,
            Optional<Admin> admin,
            Optional<TelemetrySettings> telemetry,
            Optional<AuditSettings> audit,
            Optional<SvidCache> svidCache) {}

    /** The same, which trusts its bootstrap again after that. */
    public static AgentConfig rebootstrapping(AgentConfig before, Rebootstrap rebootstrap) {
        return changed(
                before,
                new Changes(rebootstrap, before.admin(), before.telemetry(), before.audit(), before.svidCache()));
    }

    /** The same, with a socket for operators. */
    public static AgentConfig withAdmin(AgentConfig before, Admin admin) {
        return changed(
                before,
                new Changes(
                        before.rebootstrap(),
                        Optional.of(admin),
                        before.telemetry(),
                        before.audit(),
                        before.svidCache()));
    }

    /** The same, with numbers for Prometheus. */
    public static AgentConfig withTelemetry(AgentConfig before, TelemetrySettings telemetry) {
        return changed(
                before,
                new Changes(
                        before.rebootstrap(),
                        before.admin(),
                        Optional.of(telemetry),
                        before.audit(),
                        before.svidCache()));
    }

    /** The same, which writes down what it gives. */
    public static AgentConfig withAudit(AgentConfig before, AuditSettings audit) {
        return changed(
                before,
                new Changes(
                        before.rebootstrap(),
                        before.admin(),
                        before.telemetry(),
                        Optional.of(audit),
                        before.svidCache()));
    }

    /** The same, which keeps what it holds. */
    public static AgentConfig withCache(AgentConfig before, SvidCache cache) {
        return changed(
                before,
                new Changes(
                        before.rebootstrap(), before.admin(), before.telemetry(), before.audit(), Optional.of(cache)));
    }

    /** The same, which has these asked about its callers. */
    public static AgentConfig withAttestors(AgentConfig before, List<AttestorConfig> attestors) {
        return changed(
                before,
                new Changes(
                        before.rebootstrap(), before.admin(), before.telemetry(), before.audit(), before.svidCache()),
                attestors);
    }

    private static AgentConfig changed(AgentConfig before, Changes changes) {
        return changed(before, changes, before.attestors());
    }

    private static AgentConfig changed(AgentConfig before, Changes changes, List<AttestorConfig> attestors) {
        return new AgentConfig(
                before.trustDomain(),
                before.serverAddress(),
                before.serverPort(),
                before.dataDir(),
                before.socketPath(),
                before.keyDirectory(),
                before.bootstrap(),
                before.nodeAttestor(),
                before.workloadKeyType(),
                before.sdsNames(),
                before.services(),
                changes.admin(),
                before.unauthenticatedVerifiers(),
                before.foreignClaims(),
                changes.rebootstrap(),
                before.availabilityTarget(),
                before.tokens(),
                before.syncInterval(),
                before.deltaSync(),
                attestors,
                before.callerLimits(),
                before.health(),
                changes.telemetry(),
                changes.audit(),
                changes.svidCache(),
                before.loggedSelectors(),
                before.log());
    }

    /** Proves itself by that attestor. */
    public static AgentConfig of(Path folder, FakeServer server, NodeAttestorConfig nodeAttestor, Bootstrap bootstrap) {
        return new AgentConfig(
                HOME,
                "127.0.0.1",
                server.port(),
                folder.resolve("data"),
                folder.resolve("agent.sock"),
                Optional.of(folder.resolve("keys")),
                bootstrap,
                nodeAttestor,
                WorkloadKeyType.EC_P256,
                TestEndpoint.NAMES,
                new Services(true, true),
                Optional.empty(),
                false,
                Set.of(),
                Rebootstrap.STANDARD,
                Optional.empty(),
                Tokens.STANDARD,
                Duration.ofMillis(100),
                true,
                List.of(new AttestorConfig.Unix(false, 0)),
                CallerLimits.standard(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                LogSettings.standard());
    }
}
