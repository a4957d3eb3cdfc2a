// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.config.ConfigException;
import io.countersign.server.PluginSource;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.config.NodeAttestorSettings;
import io.countersign.server.config.ServerConfigFile;
import io.countersign.server.wire.Ids;
import io.countersign.serverapi.agent.GetAgentRequest;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A node gets in by an attestor that comes in a jar, which the test compiles. */
@Timeout(60)
class PluginAttestationTest {
    private static final PluginSource ACME =
            new PluginSource("acme.Acme", "io.countersign.plugin.node.ServerNodeAttestor$Provider", """
            package acme;

            import io.countersign.plugin.PluginContext;
            import io.countersign.plugin.node.NodeRefusedException;
            import io.countersign.plugin.node.ServerNodeAttestor;
            import java.nio.charset.StandardCharsets;
            import java.util.List;
            import java.util.Set;

            public final class Acme implements ServerNodeAttestor.Provider {
                @Override
                public String name() {
                    return "acme";
                }

                @Override
                public ServerNodeAttestor create(PluginContext context) {
                    if (!(context.settings().get("racks") instanceof List<?> racks)) {
                        throw new IllegalArgumentException("racks is missing, expected a list");
                    }
                    boolean again = Boolean.TRUE.equals(context.settings().get("again"));
                    return payload -> {
                        var rack = new String(payload, StandardCharsets.UTF_8);
                        if (rack.equals("broken")) {
                            throw new IllegalStateException("a secret of the plugin's");
                        }
                        if (!racks.contains(rack)) {
                            throw new NodeRefusedException("there is no rack " + rack);
                        }
                        if (sees("com.google.gson.Gson")) {
                            throw new IllegalStateException("the program's own libraries are in the way");
                        }
                        return new ServerNodeAttestor.Step.Challenge(
                                ("what is in " + rack + " of " + context.trustDomain()).getBytes(StandardCharsets.UTF_8),
                                answer -> new ServerNodeAttestor.Step.Proven(
                                        new String(answer, StandardCharsets.UTF_8), Set.of("rack:" + rack), again));
                    };
                }

                private static boolean sees(String name) {
                    try {
                        Class.forName(name);
                        return true;
                    } catch (ClassNotFoundException e) {
                        return false;
                    }
                }
            }
            """);

    @TempDir
    Path folder;

    private Path jar;
    private Optional<TestServer> started = Optional.empty();

    @BeforeEach
    void compile() throws Exception {
        jar = ACME.jar(folder);
    }

    @AfterEach
    void close() {
        started.ifPresent(TestServer::close);
    }

    private NodeAttestorSettings read(String block) throws IOException {
        var file = folder.resolve("server.conf");
        Files.writeString(file, """
                server {
                  trust_domain = "example.org"
                  data_dir = "/data"
                }
                plugins {
                  DataStore "sql" { plugin_data { database_type = "sqlite3", connection_string = "/data/db" } }
                  KeyManager "memory" { plugin_data {} }
                  %s
                }
                """.formatted(block.replace("JAR", jar.toString())));
        return ServerConfigFile.read(file, false, Map.of()).nodeAttestors().getFirst();
    }

    private Newcomer newcomer(String more) throws Exception {
        var settings = read("""
                NodeAttestor "acme" {
                  plugin_jar = "JAR"
                  plugin_data {
                    racks = ["r1", "r2", "broken"]
                    %s
                  }
                }
                """.formatted(more));
        var server = TestServer.start(folder, config -> TestConfig.nodeAttestors(config, settings));
        started = Optional.of(server);
        return new Newcomer(server, "acme");
    }

    private static void assertRefused(Code code, String words, Status status) {
        assertEquals(code, status.getCode(), status::toString);
        assertEquals("nodeattestor(acme): " + words, status.getDescription());
    }

    @Test
    void thePluginDecidesWhoIsLetIn() throws Exception {
        var newcomer = newcomer("again = true");

        var admitted = newcomer.attest("r1", question -> {
            assertEquals("what is in r1 of example.org", question);
            return "machine-7";
        });

        var id = TestConfig.id("/spire/agent/acme/machine-7");
        assertEquals(id, admitted.svid().id());
        assertTrue(admitted.reattestable());
        var agent = newcomer.server()
                .agents()
                .getAgent(GetAgentRequest.newBuilder().setId(Ids.message(id)).build());
        assertEquals("acme", agent.getAttestationType());
        assertEquals("acme", agent.getSelectors(0).getType());
        assertEquals("rack:r1", agent.getSelectors(0).getValue());
        assertEquals(id, newcomer.attest("r1", _ -> "machine-7").svid().id());
    }

    @Test
    void aNodeThatMayNotComeAgainDoesNot() throws Exception {
        var newcomer = newcomer("");

        var _ = newcomer.attest("r1", _ -> "machine-7");

        assertRefused(
                Code.PERMISSION_DENIED,
                "attestation data has already been used to attest an agent",
                newcomer.refusal("r1", _ -> "machine-7"));
    }

    @Test
    void whatThePluginRefusesIsToldAndWhatItFailsAtIsNot() throws Exception {
        var newcomer = newcomer("");

        assertRefused(Code.PERMISSION_DENIED, "there is no rack r9", newcomer.refusal("r9", _ -> ""));
        assertRefused(
                Code.INTERNAL,
                "the attestor has failed; the server's log says why",
                newcomer.refusal("broken", _ -> ""));
        var elsewhere = newcomer.refusal("r1", _ -> "../join_token/x");
        assertEquals(Code.INTERNAL, elsewhere.getCode());
        assertTrue(
                String.valueOf(elsewhere.getDescription()).startsWith("nodeattestor(acme): failed to make spiffe id: "),
                elsewhere::toString);
    }

    @Test
    void aFolderOfJarsAndTheChecksumOfOneAreTaken() throws Exception {
        var sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar)));
        var data = " plugin_data { racks = [] } }";

        assertInstanceOf(
                NodeAttestorSettings.Plugin.class,
                read("NodeAttestor \"acme\" { plugin_jar = \"" + folder + "\"" + data));
        assertInstanceOf(
                NodeAttestorSettings.Plugin.class,
                read("NodeAttestor \"acme\" { plugin_jar = \"JAR\", plugin_checksum = \"" + sum + "\"" + data));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            NodeAttestor "acme" { plugin_jar = "/nothing.jar" }                      | server.conf:8: plugins.NodeAttestor "acme".plugin_jar: /nothing.jar cannot be read: it is not there
            NodeAttestor "acme" { plugin_jar = "/etc/hostname" }                     | plugin_jar: /etc/hostname has 0 providers of
            NodeAttestor "acme" { plugin_jar = "/etc/ssl" }                          | plugin_jar: /etc/ssl cannot be read: there is no jar in this folder
            NodeAttestor "other" { plugin_jar = "JAR" }                              | 0 providers of io.countersign.plugin.node.ServerNodeAttestor$Provider for "other"
            NodeAttestor "x509pop" { plugin_jar = "JAR" }                            | plugin_jar: is there for "x509pop", expected a name
            NodeAttestor "a/b" { plugin_jar = "JAR" }                                | plugin_jar: is there for "a/b", expected a name
            NodeAttestor "acme" { plugin_jar = "JAR" }                               | plugin_data: racks is missing, expected a list
            NodeAttestor "acme" { plugin_jar = "JAR", plugin_checksum = "00" }       | plugin_checksum: "00" was expected, the sha-256 of
            NodeAttestor "acme" { plugin_jar = "JAR", plugin_cmd = "/bin/true" }     | plugin_cmd: programs of others are not supported
            NodeAttestor "acme" { plugin_cmd = "/bin/true" }                         | plugin_cmd: programs of others are not supported
            KeyManager "disk" { plugin_jar = "JAR", plugin_data { keys_path = "x" } } | plugin_jar: only node attestors come in jars
            """)
    void whatCannotBePluggedInIsNamed(String block, String words) {
        var refused = assertThrows(ConfigException.class, () -> read(block));

        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }
}
