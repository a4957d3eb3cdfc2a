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
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NotifierSectionTest {
    @TempDir
    Path folder;

    private List<BundleConfigMap> read(String notifiers) throws IOException {
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
                """.formatted(notifiers));
        return ServerConfigFile.read(file, false, Map.of()).bundleConfigMaps();
    }

    @Test
    void withoutSettingsItIsTheConfigMapOfTheOriginal() throws Exception {
        assertEquals(List.of(), read(""));
        assertEquals(
                List.of(new BundleConfigMap("spire", "spire-bundle", "bundle.crt", Optional.empty())),
                read("Notifier \"k8sbundle\" { plugin_data {} }"));
    }

    @Test
    void clustersAreBesideTheOwnOneIfThatIsNamed() throws Exception {
        var other = new BundleConfigMap("apps", "roots", "ca.pem", Optional.of(Path.of("/other.conf")));

        assertEquals(List.of(other), read("""
                Notifier "k8sbundle" { plugin_data { clusters = [{
                  namespace = "apps", config_map = "roots", config_map_key = "ca.pem", kube_config_file_path = "/other.conf"
                }] } }
                """));
        assertEquals(
                List.of(new BundleConfigMap("spire-system", "spire-bundle", "bundle.crt", Optional.empty()), other),
                read("""
                        Notifier "k8sbundle" { plugin_data {
                          namespace = "spire-system"
                          clusters = [{
                            namespace = "apps"
                            config_map = "roots"
                            config_map_key = "ca.pem"
                            kube_config_file_path = "/other.conf"
                          }]
                        } }
                        """));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Notifier "gcs_bundle" { plugin_data { bucket = "b" } }                  | "gcs_bundle" is no notifier of this program, expected k8sbundle
            Notifier "k8sbundle" {}                                                 | plugin_data: is missing, expected plugin_data {} at least
            Notifier "k8sbundle" { plugin_data { webhook_label = "x" } }            | webhook_label: is not supported: only a ConfigMap is written
            Notifier "k8sbundle" { plugin_data { clusters = [{ namespace = "x" }] } } | kube_config_file_path: is missing, expected how another cluster is reached
            Notifier "k8sbundle" { plugin_data { name_space = "x" } }               | name_space: unknown key, did you mean namespace?
            """)
    void whatIsNotSupportedIsRefusedByName(String notifier, String words) {
        var refused = assertThrows(ConfigException.class, () -> read(notifier));

        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }
}
