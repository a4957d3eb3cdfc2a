// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
        assertTrue(health.address().getAddress().isLoopbackAddress());
    }

    @Test
    void anEmptyPathIsNoFileForKeys() {
        assertRefused(
                "KeyManager \"disk\".plugin_data: keys_path is missing, expected a file for the keys",
                LEAST.replace(KEYS, "KeyManager \"disk\" { plugin_data { keys_path = \"\" } }"));
    }
}
