// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import io.countersign.launch.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeAttestorSectionTest {
    @TempDir
    Path folder;

    private NodeAttestorConfig read(String attestor) throws IOException {
        var file = folder.resolve("agent.conf");
        Files.writeString(file, """
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
                """.formatted(attestor));
        return AgentConfigFile.read(file, false, Map.of()).nodeAttestor();
    }

    @Test
    void x509popMayTakeTheSvidOfAnotherAgent() throws Exception {
        assertEquals(
                new NodeAttestorConfig.X509PopSvid("unix:///run/other.sock"),
                read(
                        "NodeAttestor \"x509pop\" { plugin_data { spiffe_endpoint_socket = \"unix:///run/other.sock\" } }"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "other.sock"                                 | spiffe_endpoint_socket: "other.sock" is no address of a Workload API
            "unix:///o.sock", private_key_path = "/k"    | private_key_path: changes nothing beside spiffe_endpoint_socket
            "unix:///o.sock", certificate_path = "/c"    | certificate_path: changes nothing beside spiffe_endpoint_socket
            """)
    void theSocketOfAnotherAgentIsAnAddressAndStandsAlone(String socket, String words) {
        var refused = assertThrows(
                ConfigException.class,
                () -> read("NodeAttestor \"x509pop\" { plugin_data { spiffe_endpoint_socket = "
                        + socket.replace(", ", "\n") + " } }"));

        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }

    @Test
    void httpChallengeTakesTheNameOfThisHost() throws Exception {
        var name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();

        assertEquals(
                new NodeAttestorConfig.HttpChallenge(name, "default", 0, 0),
                read("NodeAttestor \"http_challenge\" {}"));
        assertEquals(new NodeAttestorConfig.HttpChallenge("a.test", "one", 80, 8080), read("""
                NodeAttestor "http_challenge" {
                  plugin_data {
                    hostname = "a.test"
                    agentname = "one"
                    port = 80
                    advertised_port = 8080
                  }
                }
                """));
    }

    @Test
    void k8sPsatTakesTheProjectedToken() throws Exception {
        assertEquals(
                new NodeAttestorConfig.K8sPsat("prod", Path.of("/var/run/secrets/tokens/spire-agent")),
                read("NodeAttestor \"k8s_psat\" { plugin_data { cluster = \"prod\" } }"));
        assertEquals(
                new NodeAttestorConfig.K8sPsat("prod", Path.of("/token")),
                read("NodeAttestor \"k8s_psat\" { plugin_data { cluster = \"prod\", token_path = \"/token\" } }"));
    }

    @Test
    void sshpopTakesTheFilesOfTheHost() throws Exception {
        assertEquals(
                new NodeAttestorConfig.SshPop(
                        Path.of("/etc/ssh/ssh_host_rsa_key"), Path.of("/etc/ssh/ssh_host_rsa_key-cert.pub")),
                read("NodeAttestor \"sshpop\" {}"));
        assertEquals(
                new NodeAttestorConfig.SshPop(Path.of("/k"), Path.of("/c")),
                read("NodeAttestor \"sshpop\" { plugin_data { host_key_path = \"/k\", host_cert_path = \"/c\" } }"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            NodeAttestor "http_challenge" { plugin_data { port = 65536 } }            | plugin_data.port: 65536 was found, expected 0 to 65535
            NodeAttestor "http_challenge" { plugin_data { advertised_port = -1 } }    | plugin_data.advertised_port: -1 was found, expected 0 to 65535
            NodeAttestor "http_challenge" { plugin_data { agent_name = "x" } }        | plugin_data.agent_name: unknown key, did you mean agentname?
            NodeAttestor "k8s_psat" {}                                                | plugin_data: cluster is missing
            NodeAttestor "k8s_psat" { plugin_data { token_path = "/x" } }             | cluster is missing, expected the name by which the server knows this cluster
            NodeAttestor "tpm_devid" {}                                               | "tpm_devid" is no node attestor of this program
            NodeAttestor "x509pop" { plugin_cmd = "x" }                               | plugin_cmd: programs of others are not supported
            """)
    void whatIsWrongIsNamed(String attestor, String words) {
        var refused = assertThrows(ConfigException.class, () -> read(attestor));

        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }
}
