// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent;

import static io.countersign.agent.TestDomain.HOME;

import io.countersign.agent.config.AgentConfig;
import io.countersign.agent.config.AgentConfig.AttestorConfig;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import io.countersign.agent.config.AgentConfig.Services;
import io.countersign.agent.config.Bootstrap;
import io.countersign.agent.config.WorkloadKeyType;
import io.countersign.launch.LogSettings;
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
                false,
                Set.of(),
                Duration.ofMillis(100),
                List.of(new AttestorConfig.Unix(false, 0)),
                Optional.empty(),
                LogSettings.standard());
    }
}
