// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.config.AgentConfig.AttestorConfig;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import io.countersign.agent.config.AgentConfig.SdsNames;
import io.countersign.launch.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What files that were made for the original say beside what is needed. */
final class UsualFilesTest {
    private static final String KEYS = "KeyManager \"memory\" { plugin_data {} }";
    private static final String LEAST = """
            agent {
              server_address = "localhost"
              server_port = 8081
              trust_domain = "example.org"
              insecure_bootstrap = true
            }
            plugins {
              KeyManager "memory" { plugin_data {} }
              NodeAttestor "join_token" { plugin_data {} }
              WorkloadAttestor "unix" { plugin_data {} }
            }
            """;

    @TempDir
    private Path folder;

    private AgentConfig read(String text) throws IOException {
        var file = folder.resolve("agent.conf");
        Files.writeString(file, text);
        return AgentConfigFile.read(file, false, Map.of());
    }

    private static String inAgent(String lines) {
        return LEAST.replace("insecure_bootstrap = true", "insecure_bootstrap = true\n" + lines);
    }

    private void assertRefused(String words, String text) {
        var all = String.valueOf(
                assertThrows(ConfigException.class, () -> read(text)).getMessage());
        assertTrue(all.contains(words), all);
    }

    @Test
    void anEmptyTextIsAsGoodAsNone() throws Exception {
        var config = read(inAgent("""
                data_dir = ""
                log_level = ""
                availability_target = ""
                workload_x509_svid_key_type = ""
                sds { default_svid_name = "", default_bundle_name = "", default_all_bundles_name = "" }
                experimental { sync_interval = "", jwt_svid_cache_hit_timeout = "" }
                """));

        var least = read(LEAST);
        assertEquals(new SdsNames("default", "ROOTCA", "ALL", false), config.sdsNames());
        assertEquals(Optional.empty(), config.availabilityTarget());
        assertEquals(least.syncInterval(), config.syncInterval());
        assertEquals(least.tokens(), config.tokens());
        assertEquals(least.log(), config.log());
    }

    @Test
    void anEmptyPathIsNoFolderForKeys() {
        assertRefused(
                "KeyManager \"disk\".plugin_data: directory is missing, expected a folder for keys.json",
                LEAST.replace(KEYS, "KeyManager \"disk\" { plugin_data { directory = \"\" } }"));
    }

    @Test
    void whatIsDoneAnywayMayBeSaid() throws Exception {
        var config = read(inAgent("""
                log_source_location = false
                log_selectors = []
                profiling_enabled = false
                profiling_freq = 0
                trust_bundle_unix_socket = ""
                x509_svid_cache_max_size = 0
                experimental { require_pq_kem = false, named_pipe_name = "", feature_flags = [] }
                """).replace("WorkloadAttestor \"unix\" { plugin_data {} }", """
                WorkloadAttestor "k8s" {
                  plugin_cmd = ""
                  plugin_checksum = ""
                  enabled = true
                  plugin_data { enable_namespace_labels = false, disable_kubelet_client = false }
                }
                """));

        assertEquals(1, config.attestors().size());
    }

    @Test
    void logSaysMoreWhereThatIsAskedFor() throws Exception {
        var config = read(inAgent("""
                log_source_location = true
                log_selectors = ["k8s:ns", "unix:user"]
                """));

        assertTrue(config.log().source());
        assertEquals(List.of("k8s:ns", "unix:user"), config.loggedSelectors());
    }

    @Test
    void whatIsNotDoneIsStillRefused() {
        assertRefused("agent.profiling_enabled: is a setting of the original", inAgent("profiling_enabled = true"));
        assertRefused(
                "agent.experimental.require_pq_kem: is a setting of the original",
                inAgent("experimental { require_pq_kem = true }"));
        assertRefused("agent.retry_bootstrap: is no setting any more", inAgent("retry_bootstrap = false"));
        assertRefused(
                "KeyManager \"memory\".enabled: is false, which is not supported; remove the plugin's block instead",
                LEAST.replace(KEYS, "KeyManager \"memory\" { enabled = false }"));
    }

    /** As the original's Helm chart writes it: in JSON, with lists of plugins and null for what is not set. */
    @Test
    void theFileOfAChartIsTaken() throws Exception {
        var config = read("""
                {
                  "agent": {
                    "data_dir": "/run/spire",
                    "log_level": "info",
                    "server_address": "spire-server.spire",
                    "server_port": "443",
                    "socket_path": "/tmp/spire-agent/public/spire-agent.sock",
                    "trust_bundle_path": "/run/spire/bundle/bundle.crt",
                    "trust_domain": "example.org"
                  },
                  "health_checks": {"bind_address": "0.0.0.0", "bind_port": "9982", "listener_enabled": true},
                  "plugins": {
                    "KeyManager": [{"memory": {"plugin_data": null}}],
                    "NodeAttestor": [{"k8s_psat": {"plugin_data": {"cluster": "demo"}}}],
                    "WorkloadAttestor": [
                      {"k8s": {"plugin_data": {"skip_kubelet_verification": true, "node_name_env": "NODE"}}},
                      {"unix": {"plugin_data": null}}
                    ]
                  }
                }
                """);

        assertEquals(443, config.serverPort());
        assertEquals(Optional.empty(), config.keyDirectory());
        assertInstanceOf(NodeAttestorConfig.K8sPsat.class, config.nodeAttestor());
        assertEquals(2, config.attestors().size());
        assertEquals(9982, config.health().orElseThrow().address().getPort());
    }

    @Test
    void typesOfKeysMayBeInCapitals() throws Exception {
        assertEquals(
                WorkloadKeyType.EC_P384,
                read(inAgent("workload_x509_svid_key_type = \"EC-P384\"")).workloadKeyType());
    }

    @Test
    void programsMayBeLargerThanTwoGigabytes() throws Exception {
        assertEquals(
                List.of(new AttestorConfig.Unix(false, 5_000_000_000L)),
                read(LEAST.replace(
                                "\"unix\" { plugin_data {}",
                                "\"unix\" { plugin_data { workload_size_limit = 5000000000 }"))
                        .attestors());
    }

    @Test
    void aFileForATokenHasOneInIt() throws Exception {
        var token = Files.writeString(folder.resolve("token"), " \n");

        assertRefused(
                "agent.join_token_file: \"" + token + "\" is empty, expected a token; make one with \"token generate\"",
                inAgent("join_token_file = \"" + token + "\""));
        assertRefused(
                "agent.join_token_file: cannot be read: it is not there",
                inAgent("join_token_file = \"" + token + ".other\""));
    }
}
