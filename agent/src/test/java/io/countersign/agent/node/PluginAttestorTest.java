// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import static io.countersign.agent.TestDomain.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.FakeServer;
import io.countersign.agent.PluginSource;
import io.countersign.agent.TestConfig;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import io.countersign.agent.config.AgentConfigFile;
import io.countersign.agent.config.Bootstrap;
import io.countersign.agent.server.ServerConnection;
import io.countersign.launch.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node proves itself by a plugin that comes in a jar, which the test compiles. */
class PluginAttestorTest {
    private static final PluginSource ACME =
            new PluginSource("acme.Acme", "io.countersign.plugin.node.AgentNodeAttestor$Provider", """
            package acme;

            import io.countersign.plugin.PluginContext;
            import io.countersign.plugin.node.AgentNodeAttestor;
            import java.nio.charset.StandardCharsets;
            import java.nio.file.Files;
            import java.nio.file.Path;

            public final class Acme implements AgentNodeAttestor.Provider {
                @Override
                public String name() {
                    return "acme";
                }

                @Override
                public AgentNodeAttestor create(PluginContext context) {
                    if (!(context.settings().get("rack") instanceof String rack)) {
                        throw new IllegalArgumentException("rack is missing, expected a text");
                    }
                    var ended = Path.of(String.valueOf(context.settings().get("ended")));
                    return () -> new AgentNodeAttestor.Proof() {
                        @Override
                        public byte[] payload() {
                            return rack.getBytes(StandardCharsets.UTF_8);
                        }

                        @Override
                        public byte[] answer(byte[] question) {
                            return (context.trustDomain() + ": " + new String(question, StandardCharsets.UTF_8))
                                    .getBytes(StandardCharsets.UTF_8);
                        }

                        @Override
                        public void close() {
                            try {
                                Files.writeString(ended, "ended");
                            } catch (java.io.IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        }
                    };
                }
            }
            """);

    @TempDir
    private Path folder;

    private Path jar;

    @BeforeEach
    void compile() throws Exception {
        jar = ACME.jar(folder);
    }

    private NodeAttestorConfig read(String block) throws IOException {
        var file = folder.resolve("agent.conf");
        Files.writeString(
                file, """
                agent {
                  trust_domain = "example.org"
                  server_address = "localhost"
                  server_port = 8081
                  insecure_bootstrap = true
                }
                plugins {
                  KeyManager "memory" { plugin_data {} }
                  WorkloadAttestor "unix" { plugin_data {} }
                %s
                }
                """.formatted(block.replace("JAR", jar.toString()).replace("FOLDER", folder.toString())));
        return AgentConfigFile.read(file, false, Map.of()).nodeAttestor();
    }

    @Test
    void aPluginProvesTheNode() throws Exception {
        var attestor = read("NodeAttestor \"acme\" { plugin_jar = \"JAR\", plugin_data { rack = \"r1\", ended ="
                + " \"FOLDER/ended\" } }");

        try (var server = FakeServer.start()) {
            var config = TestConfig.of(folder, server, attestor, new Bootstrap.Insecure());
            var connection = new ServerConnection(config.serverAddress(), config.serverPort(), HOME);
            var store = new NodeStore(HOME, config.dataDir(), config.keyDirectory());

            var identity = new NodeAttestation(config, connection, store, server.clock).establish();

            assertEquals(
                    server.domain.id("/spire/agent/proven/node"),
                    identity.svid().svid().id());
            assertEquals("ended", Files.readString(folder.resolve("ended")));
        }
    }

    @Test
    void whatCannotBePluggedInIsNamed() {
        assertProblem(
                "plugin_data: rack is missing, expected a text", "NodeAttestor \"acme\" { plugin_jar = \"JAR\" }");
        assertProblem(
                "0 providers of io.countersign.plugin.node.AgentNodeAttestor$Provider for \"other\"",
                "NodeAttestor \"other\" { plugin_jar = \"JAR\" }");
        assertProblem(
                "plugin_jar: is there for \"k8s_psat\", expected a name that is none of",
                "NodeAttestor \"k8s_psat\" { plugin_jar = \"JAR\" }");
    }

    private void assertProblem(String words, String block) {
        var refused = assertThrows(ConfigException.class, () -> read(block));

        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }
}
