// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.ca.key.KeyType;
import io.countersign.launch.config.ConfigException;
import io.countersign.launch.health.HealthSettings;
import io.countersign.server.config.ServerConfig.Serving;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What files that were made for the original say beside what is needed. */
class UsualFilesTest {
    private static final String KEYS = "KeyManager \"memory\" { plugin_data {} }";
    private static final String LEAST = """
            server {
              trust_domain = "example.org"
              data_dir = "/data"
            }
            plugins {
              DataStore "sql" { plugin_data { database_type = "sqlite3", connection_string = "/data/db" } }
              KeyManager "memory" { plugin_data {} }
            }
            """;

    @TempDir
    Path folder;

    private ServerConfig read(String text) throws IOException {
        var file = folder.resolve("server.conf");
        Files.writeString(file, text);
        return ServerConfigFile.read(file, false, Map.of());
    }

    private static String inServer(String lines) {
        return LEAST.replace("data_dir = \"/data\"", "data_dir = \"/data\"\n" + lines);
    }

    private void assertRefused(String words, String text) {
        var all = String.valueOf(
                assertThrows(ConfigException.class, () -> read(text)).getMessage());
        assertTrue(all.contains(words), all);
    }

    @Test
    void anEmptyTextIsAsGoodAsNone() throws Exception {
        var config = read(inServer("""
                bind_address = ""
                agent_ttl = ""
                default_x509_svid_ttl = ""
                default_jwt_svid_ttl = ""
                ca_ttl = ""
                ca_key_type = ""
                log_level = ""
                prune_attested_nodes_expired_for = ""
                federation {
                  bundle_endpoint { address = "", port = 8443, refresh_hint = "", profile "https_spiffe" {} }
                }
                """) + """
                health_checks { listener_enabled = true, bind_address = "", live_path = "", ready_path = "" }
                """);

        var least = read(LEAST);
        assertEquals(least.lives(), config.lives());
        assertEquals(least.signing(), config.signing());
        assertEquals(least.log(), config.log());
        assertEquals(least.address(), config.address());
        assertEquals(Optional.empty(), config.datastore().pruning());
        var endpoint = config.federation().endpoint().orElseThrow();
        assertEquals(Duration.ofMinutes(5), endpoint.refreshHint());
        assertEquals(new Serving.OwnSvid(), endpoint.serving());
        var health = config.health().orElseThrow();
        assertEquals(new HealthSettings(health.address(), "/live", "/ready"), health);
        assertEquals("localhost", health.address().getHostString());
    }

    @Test
    void anEmptyPathIsNoFileForKeys() {
        assertRefused(
                "KeyManager \"disk\".plugin_data: keys_path is missing, expected a file for the keys",
                LEAST.replace(KEYS, "KeyManager \"disk\" { plugin_data { keys_path = \"\" } }"));
    }

    @Test
    void whatIsDoneAnywayMayBeSaid() throws Exception {
        var config = read(inServer("""
                log_source_location = false
                profiling_enabled = false
                profiling_port = 0
                profiling_names = []
                max_attested_node_info_staleness = "0s"
                """).replace(KEYS, """
                KeyManager "memory" {
                  plugin_cmd = ""
                  plugin_args = []
                  plugin_checksum = ""
                  enabled = true
                  plugin_data {}
                }
                UpstreamAuthority "spire" {
                  plugin_data {
                    server_address = "root"
                    server_port = "8081"
                    workload_api_socket = "/run/agent.sock"
                    experimental { require_pq_kem = false, workload_api_named_pipe_name = "" }
                  }
                }
                """));

        assertEquals(new ServerConfig.Keys.Memory(), config.keys());
        assertTrue(config.signing().upstream().isPresent());
    }

    @Test
    void logSaysWhereItsLinesComeFromIfThatIsAskedFor() throws Exception {
        assertTrue(read(inServer("log_source_location = true")).log().source());
        assertFalse(read(LEAST).log().source());
    }

    @Test
    void whatIsNotDoneIsStillRefused() {
        assertRefused("server.profiling_port: is a setting of the original", inServer("profiling_port = 6060"));
        assertRefused(
                "server.max_attested_node_info_staleness: is a setting of the original",
                inServer("max_attested_node_info_staleness = \"10s\""));
        assertRefused(
                "KeyManager \"memory\".enabled: is false, which is not supported; remove the plugin's block instead",
                LEAST.replace(KEYS, "KeyManager \"memory\" { enabled = false }"));
        assertRefused(
                "KeyManager \"memory\".plugin_cmd: programs of others are not supported",
                LEAST.replace(KEYS, "KeyManager \"memory\" { plugin_cmd = \"/k\" }"));
    }

    @Test
    void typesOfKeysMayBeInCapitals() throws Exception {
        var signing = read(inServer("ca_key_type = \"EC-P384\"\njwt_key_type = \"RSA-2048\""))
                .signing();

        assertEquals(KeyType.EC_P384, signing.x509KeyType());
        assertEquals(KeyType.RSA_2048, signing.jwtKeyType());
    }
}
