// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.launch.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which plugins may be there, and how often. */
final class PluginSectionTest {
    private static final String MEMORY = "KeyManager \"memory\" {}";
    private static final String UNIX = "WorkloadAttestor \"unix\" {}";

    @TempDir
    private Path folder;

    private void read(String... plugins) throws IOException {
        var file = folder.resolve("agent.conf");
        Files.writeString(file, """
                agent {
                  server_address = "localhost"
                  server_port = 8081
                  trust_domain = "example.org"
                  insecure_bootstrap = true
                }
                plugins {
                %s
                }
                """.formatted(String.join("\n", plugins)));
        AgentConfigFile.read(file, false, Map.of());
    }

    /** The first plugin stands on line 8. */
    private List<String> problems(String... plugins) {
        var report = String.valueOf(
                assertThrows(ConfigException.class, () -> read(plugins)).getMessage());
        return report.lines()
                .map(line -> line.substring(line.indexOf("agent.conf:") + "agent.conf:".length()))
                .toList();
    }

    @Test
    void thereIsOneKeyManager() {
        assertEquals(List.of("7: plugins.KeyManager: is missing, expected disk or memory"), problems(UNIX));
        assertEquals(
                List.of("9: plugins.KeyManager \"disk\": is the second one, expected a single one"),
                problems(MEMORY, "KeyManager \"disk\" { plugin_data { directory = \"/keys\" } }", UNIX));
    }

    @Test
    void eachWorkloadAttestorIsThereOnce() {
        assertEquals(
                List.of("10: plugins.WorkloadAttestor \"unix\": is there twice, expected one of that name"),
                problems(MEMORY, UNIX, UNIX));
    }

    @Test
    void whatIsNotSupportedIsOneProblemWhateverItsSettings() {
        assertEquals(
                List.of(
                        "8: plugins.KeyManager \"aws_kms\": \"aws_kms\" is no key manager of this program, expected disk or"
                                + " memory",
                        "9: plugins.NodeAttestor \"aws_iid\": \"aws_iid\" is no node attestor of this program, expected"
                                + " http_challenge, join_token, k8s_psat, sshpop, x509pop, or a plugin with plugin_jar",
                        "10: plugins.WorkloadAttestor \"slurm\": \"slurm\" is no workload attestor of this program,"
                                + " expected docker, jvm, k8s, systemd, unix, or a plugin with plugin_jar"),
                problems(
                        "KeyManager \"aws_kms\" { plugin_data { region = \"x\" } }",
                        "NodeAttestor \"aws_iid\" { plugin_data { region = \"x\" } }",
                        "WorkloadAttestor \"slurm\" { plugin_data { region = \"x\" } }"));
    }

    @Test
    void whereThereAreNoSettingsThatIsSaid() {
        assertEquals(
                List.of("8: plugins.KeyManager \"memory\".plugin_data.x: unknown key, expected none"),
                problems("KeyManager \"memory\" { plugin_data { x = 1 } }", UNIX));
    }
}
