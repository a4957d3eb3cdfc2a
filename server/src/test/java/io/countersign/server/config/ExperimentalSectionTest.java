// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExperimentalSectionTest {
    private static final String AT_ONCE = " has no effect: this server hears of changes at once and reads only those";

    @TempDir
    Path folder;

    private List<String> read(String experiments) throws IOException {
        var file = folder.resolve("server.conf");
        Files.writeString(file, """
                server {
                  trust_domain = "example.org"
                  data_dir = "/data"
                  experimental {
                    %s
                  }
                }
                plugins {
                  DataStore "sql" { plugin_data { database_type = "sqlite3", connection_string = "/data/db" } }
                  KeyManager "memory" { plugin_data {} }
                }
                """.formatted(experiments));
        return ServerConfigFile.read(file, false, Map.of()).notices();
    }

    @Test
    void whatIsOfReadingAgainIsTakenAndSaidToChangeNothing() throws Exception {
        assertEquals(
                List.of(
                        "line 5 of the configuration: cache_reload_interval" + AT_ONCE,
                        "line 7 of the configuration: full_cache_reload_interval" + AT_ONCE,
                        "line 8 of the configuration: prune_events_older_than" + AT_ONCE,
                        "line 9 of the configuration: event_timeout" + AT_ONCE,
                        "line 6 of the configuration: events_based_cache" + AT_ONCE),
                read("""
                        cache_reload_interval = "500ms"
                        events_based_cache = true
                        full_cache_reload_interval = "24h"
                        prune_events_older_than = "12h"
                        event_timeout = "15m"
                        """));
    }

    @Test
    void whatSaysNothingIsTaken() throws Exception {
        assertEquals(List.of(), read(""));
        assertEquals(List.of(), read("""
                cache_reload_interval = ""
                events_based_cache = false
                require_pq_kem = false
                agent_spiffe_id_as_selector = false
                named_pipe_name = ""
                feature_flags = []
                """));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            cache_reload_interval = "soon"               | cache_reload_interval: "soon" was found, expected a duration
            auth_opa_policy_engine { local { rego_path = "x" } } | auth_opa_policy_engine: is not supported here; remove it and write roles
            require_pq_kem = true                        | require_pq_kem: is an experiment of the original
            agent_spiffe_id_as_selector = true           | agent_spiffe_id_as_selector: is an experiment of the original
            wit_key_type = "ec-p256"                     | wit_key_type: is of WIT-SVIDs
            wit_issuer = "https://x"                     | wit_issuer: is of WIT-SVIDs
            feature_flags = ["x"]                        | feature_flags: is an experiment of the original
            sql_transaction_timeout = "15m"              | sql_transaction_timeout: is an old name of event_timeout
            named_pipe_name = "x"                        | named_pipe_name: is for Windows; use socket_path
            event_timeuot = "1m"                         | event_timeuot: unknown key, did you mean event_timeout?
            """)
    void theRestIsRefusedByName(String experiment, String words) {
        var refused = assertThrows(ConfigException.class, () -> read(experiment));

        var all = String.valueOf(refused.getMessage());
        assertTrue(all.contains("server.experimental." + words), all);
        assertEquals(1, all.lines().count(), all);
    }
}
