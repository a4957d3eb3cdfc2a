// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

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

/** How often plugins may be there. */
class PluginSectionTest {
    private static final String STORE =
            "DataStore \"sql\" { plugin_data { database_type = \"sqlite3\", connection_string = \"/db\" } }";
    private static final String KEYS = "KeyManager \"disk\" { plugin_data { keys_path = \"/keys\" } }";

    @TempDir
    Path folder;

    private void read(String... plugins) throws IOException {
        var file = folder.resolve("server.conf");
        Files.writeString(file, """
                server {
                  trust_domain = "example.org"
                  data_dir = "/data"
                }
                plugins {
                %s
                }
                """.formatted(String.join("\n", plugins)));
        ServerConfigFile.read(file, false, Map.of());
    }

    /** The first plugin stands on line 6. */
    private List<String> problems(String... plugins) {
        var report = String.valueOf(
                assertThrows(ConfigException.class, () -> read(plugins)).getMessage());
        return report.lines()
                .map(line -> line.substring(line.indexOf("server.conf:") + "server.conf:".length()))
                .toList();
    }

    @Test
    void thereIsOneOfWhatAServerHasOne() {
        assertEquals(
                List.of("8: plugins.KeyManager \"memory\": is the second one, expected a single one"),
                problems(STORE, KEYS, "KeyManager \"memory\" {}"));
        assertEquals(
                List.of("7: plugins.DataStore \"sql\": is the second one, expected a single one"),
                problems(STORE, STORE, KEYS));
        var upstream = "UpstreamAuthority \"disk\" { plugin_data { cert_file_path = \"/c\", key_file_path = \"/k\" } }";
        assertEquals(
                List.of("9: plugins.UpstreamAuthority \"disk\": is the second one, expected one or none"),
                problems(STORE, KEYS, upstream, upstream));
    }
}
