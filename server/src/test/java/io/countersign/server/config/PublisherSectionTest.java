// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.config.ConfigException;
import io.countersign.server.config.BundleConfigMap.Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublisherSectionTest {
    private static final String CLUSTER =
            "format = \"pem\", namespace = \"n\", configmap_name = \"m\", configmap_key = \"k\"";

    @TempDir
    Path folder;

    private ServerConfig read(String plugins) throws IOException {
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
                """.formatted(plugins));
        return ServerConfigFile.read(file, false, Map.of());
    }

    private static String publisher(String cluster) {
        return "BundlePublisher \"k8s_configmap\" { plugin_data { clusters { \"c\" { " + cluster.replace(", ", "\n")
                + " } } } }";
    }

    @Test
    void everyClusterHasAConfigMapBesideTheNotifiers() throws Exception {
        var config = read("""
                Notifier "k8sbundle" { plugin_data {} }
                BundlePublisher "k8s_configmap" {
                  plugin_data {
                    clusters = {
                      "own" = {
                        format = "spiffe"
                        namespace = "spire-system"
                        configmap_name = "spire-bundle"
                        configmap_key = "bundle.spiffe"
                        kubeconfig_path = ""
                        refresh_hint = "10m"
                      }
                      "other" = {
                        format = "JWKS"
                        namespace = "apps"
                        configmap_name = "roots"
                        configmap_key = "keys"
                        kubeconfig_path = "/other.conf"
                      }
                    }
                  }
                }
                """);

        assertEquals(
                List.of(
                        new BundleConfigMap("spire", "spire-bundle", "bundle.crt", Optional.empty()),
                        new BundleConfigMap(
                                "spire-system",
                                "spire-bundle",
                                "bundle.spiffe",
                                Optional.empty(),
                                Form.SPIFFE,
                                Optional.of(Duration.ofMinutes(10))),
                        new BundleConfigMap(
                                "apps",
                                "roots",
                                "keys",
                                Optional.of(Path.of("/other.conf")),
                                Form.JWKS,
                                Optional.empty())),
                config.bundleConfigMaps());
        assertEquals(List.of(), config.notices());
    }

    @Test
    void withoutClustersNothingIsPublishedAndTheLogSaysSo() throws Exception {
        var config = read("BundlePublisher \"k8s_configmap\" { plugin_data {} }");

        assertEquals(List.of(), config.bundleConfigMaps());
        assertEquals(
                List.of("line 8 of the configuration: BundlePublisher \"k8s_configmap\" names no clusters and publishes"
                        + " nothing"),
                config.notices());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            format = "pem"        | format = "der"       | format: "der" was found, expected jwks, pem or spiffe
            format = "pem"        | format = ""          | format: is missing, expected jwks, pem or spiffe
            namespace = "n"       | namespace = ""       | namespace: is missing
            configmap_name = "m"  | configmap_name = ""  | configmap_name: is missing
            configmap_key = "k"   | refresh_hint = "1h"  | configmap_key: is missing
            configmap_key = "k"   | configmap_key = "k", refresh_hint = "0s"   | refresh_hint: "0s" was found, expected a second or more
            configmap_key = "k"   | configmap_key = "k", refresh_hint = "soon" | refresh_hint: "soon" was found, expected a duration
            configmap_key = "k"   | configmap_key = "k", config_map = "x"      | config_map: unknown key
            """)
    void whatIsWrongIsSaid(String good, String bad, String words) {
        var all = problems(publisher(CLUSTER.replace(good, bad)));

        assertTrue(all.contains(words), all);
    }

    @Test
    void publishersOfOtherKindsAreRefusedByName() {
        var other = problems("BundlePublisher \"aws_s3\" { plugin_data { bucket = \"b\" } }");
        assertTrue(other.contains("\"aws_s3\" is no bundle publisher of this program, expected k8s_configmap"), other);

        var second = problems(publisher(CLUSTER) + "\n" + publisher(CLUSTER));
        assertTrue(second.contains("is the second one, expected one with all clusters in it"), second);
    }

    private String problems(String plugins) {
        return String.valueOf(
                assertThrows(ConfigException.class, () -> read(plugins)).getMessage());
    }
}
