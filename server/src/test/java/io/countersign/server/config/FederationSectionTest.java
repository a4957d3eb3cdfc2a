// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.federation.BundleEndpoint;
import io.countersign.datastore.federation.BundleEndpoint.HttpsSpiffe;
import io.countersign.datastore.federation.BundleEndpoint.HttpsWeb;
import io.countersign.launch.config.ConfigException;
import io.countersign.server.config.ServerConfig.Endpoint;
import io.countersign.server.config.ServerConfig.Federation;
import io.countersign.server.config.ServerConfig.Serving;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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

class FederationSectionTest {
    private static final String ENDPOINT = """
            bundle_endpoint {
              address = "127.0.0.1"
              port = 8443
              profile "https_spiffe" {}
            }
            """;
    private static final String OTHER = """
            federates_with "other.org" {
              bundle_endpoint_url = "https://other.org/bundle"
              bundle_endpoint_profile "https_spiffe" {
                endpoint_spiffe_id = "spiffe://other.org/spire/server"
              }
            }
            """;

    @TempDir
    Path folder;

    private Federation read(String federation) throws IOException {
        return config(federation).federation();
    }

    private ServerConfig config(String federation) throws IOException {
        var file = folder.resolve("server.conf");
        Files.writeString(file, """
                server {
                  trust_domain = "example.org"
                  data_dir = "/data"
                  federation {
                    %s
                  }
                }
                plugins {
                  DataStore "sql" { plugin_data { database_type = "sqlite3", connection_string = "/data/db" } }
                  KeyManager "memory" { plugin_data {} }
                }
                """.formatted(federation));
        return ServerConfigFile.read(file, false, Map.of());
    }

    private static Endpoint endpoint(Duration hint, Serving serving) {
        return new Endpoint(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 8443), hint, serving);
    }

    @Test
    void aRelationshipMayBeSaidInPieces() throws Exception {
        assertEquals(
                Map.of(new TrustDomain("web.org"), BundleEndpoint.parse("https://web.org", new HttpsWeb())),
                read("""
                        federates_with "web.org" { bundle_endpoint_url = "https://web.org" }
                        federates_with "web.org" { bundle_endpoint_profile "https_web" {} }
                        """).federatesWith());
    }

    @Test
    void bothSidesOfAFederationAreRead() throws Exception {
        var read = read(ENDPOINT + OTHER + """
                federates_with {
                  "web.org" {
                    bundle_endpoint_url = "https://web.org"
                    bundle_endpoint_profile { https_web {} }
                  }
                }
                """);

        assertEquals(
                new Federation(
                        Optional.of(endpoint(Duration.ofMinutes(5), new Serving.OwnSvid())),
                        Map.of(
                                new TrustDomain("other.org"),
                                BundleEndpoint.parse(
                                        "https://other.org/bundle",
                                        new HttpsSpiffe(SpiffeId.parse("spiffe://other.org/spire/server"))),
                                new TrustDomain("web.org"),
                                BundleEndpoint.parse("https://web.org", new HttpsWeb()))),
                read);
    }

    @Test
    void anEndpointMayHaveACertificateFromFiles() throws Exception {
        var read = read("""
                bundle_endpoint {
                  address = "127.0.0.1"
                  port = "8443"
                  refresh_hint = "10m"
                  profile "https_web" {
                    serving_cert_file {
                      cert_file_path = "/cert.pem"
                      key_file_path = "/key.pem"
                      file_sync_interval = "30m"
                    }
                  }
                }
                """);

        assertEquals(
                Optional.of(endpoint(
                        Duration.ofMinutes(10),
                        new Serving.Files(Path.of("/cert.pem"), Path.of("/key.pem"), Duration.ofMinutes(30)))),
                read.endpoint());
        assertEquals(
                Optional.of(endpoint(
                        Duration.ofMinutes(5), new Serving.Files(Path.of("/c"), Path.of("/k"), Duration.ofHours(1)))),
                read(ENDPOINT.replace(
                                "\"https_spiffe\" {}",
                                "\"https_web\" { serving_cert_file { cert_file_path = \"/c\", key_file_path = \"/k\" } }"))
                        .endpoint());
    }

    @Test
    void anEndpointWithoutAProfileHasSpiffesAndTheLogSaysSo() throws Exception {
        var config = config(ENDPOINT.replace("profile \"https_spiffe\" {}", ""));

        assertEquals(
                Optional.of(endpoint(Duration.ofMinutes(5), new Serving.OwnSvid())),
                config.federation().endpoint());
        assertEquals(
                List.of("line 5 of the configuration: bundle_endpoint has no profile and gets profile"
                        + " \"https_spiffe\" {}; write that down"),
                config.notices());
        assertEquals(List.of(), config(ENDPOINT).notices());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            profile "https_spiffe" {}        | profile {}                        | bundle_endpoint.profile: is missing, expected exactly one of
            profile "https_spiffe" {}        | profile = "https_web"             | bundle_endpoint.profile: is missing, expected exactly one of
            bundle_endpoint_profile "https_spiffe" | other "https_spiffe"        | bundle_endpoint_profile: is missing, expected exactly one of
            profile "https_spiffe" {}        | profile "https_spiffe" {} profile "https_web" {} | 2 were found, expected exactly one of
            profile "https_spiffe" {}        | profile "http" {}                 | "http" is no profile
            profile "https_spiffe" {}        | profile "https_web" {}            | serving_cert_file: is missing
            profile "https_spiffe" {}        | profile "https_web" { acme { email = "x" } } | acme is not supported here
            profile "https_spiffe" {}        | acme { domain_name = "x" } profile "https_spiffe" {} | acme is not supported here
            profile "https_spiffe" {}        | profile "https_web" { serving_cert_file { cert_file_path = "x" } } | key_file_path: is missing
            address = "127.0.0.1"            | address = "localhost"             | "localhost" is no ip address
            port = 8443                      | port = 0                          | "0" is no port
            port = 8443                      | port = 8443 prot = 1              | prot: unknown key
            port = 8443                      | port = 8443 refresh_hint = "0s"   | expected a second or more
            "other.org"                      | "Other.org"                       | Other.org
            "other.org"                      | "example.org"                     | is this server's own trust domain
            "https://other.org/bundle"       | "http://other.org/bundle"         | must use the https scheme
            "https://other.org/bundle"       | ""                                | must use the https scheme
            "spiffe://other.org/spire/server" | "other.org"                      | endpoint_spiffe_id
            bundle_endpoint_url =            | bundel_endpoint_url =             | unknown key, did you mean bundle_endpoint_url?
            """)
    void whatIsWrongIsSaid(String good, String bad, String words) {
        var text = (ENDPOINT + OTHER).replace(good, bad.replace(" p", "\np").replace(" r", "\nr"));

        var refused = assertThrows(ConfigException.class, () -> read(text));

        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }
}
