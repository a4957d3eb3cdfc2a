// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.launch.LogSettings;
import io.countersign.launch.config.ConfigException;
import io.countersign.launch.config.ConfigFile;
import io.countersign.oidc.keys.KeySource;
import io.countersign.spiffe.TrustDomain;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OidcConfigFileTest {
    private static final String SHORTEST = """
            domains = ["oidc.example.org"]
            insecure_addr = ":8080"
            server_api { address = "unix:///tmp/spire-server/private/api.sock" }
            """;

    private static OidcConfig read(String text) {
        return OidcConfigFile.read(ConfigFile.parse(text, "o.conf"));
    }

    private static List<String> problems(String text) {
        var refusal = assertThrows(ConfigException.class, () -> read(text));
        return String.valueOf(refusal.getMessage()).lines().toList();
    }

    @Test
    void defaultsAreTheOriginals() {
        var config = read(SHORTEST);

        assertEquals(Set.of("oidc.example.org"), config.domains().names());
        assertEquals(new Listen.Insecure(new TcpAddress("", 8080)), config.listen());
        assertEquals(
                new KeySource.ServerApi(Path.of("/tmp/spire-server/private/api.sock"), Duration.ofSeconds(10)),
                config.source());
        assertEquals("/", config.pathPrefix());
        assertEquals(Optional.empty(), config.health());
        assertEquals(LogSettings.standard(), config.log());
        assertEquals(List.of(), config.warnings());
    }

    @Test
    void everyKeyIsRead() {
        var config = read("""
                log_level = "debug"
                log_format = "JSON"
                log_path = "/var/log/oidc.log"
                log_requests = true
                domains = ["a.example.org", "b.example.org", "a.example.org"]
                allow_insecure_scheme = true
                set_key_use = true
                jwt_issuer = "https://issuer.example.org/a"
                server_path_prefix = "/a"
                serving_cert_file {
                  cert_file_path = "cert.pem"
                  key_file_path = "key.pem"
                  file_sync_interval = "10s"
                  addr = "[::1]:8443"
                }
                workload_api { socket_path = "/run/agent.sock" trust_domain = "example.org" poll_interval = "1m" }
                health_checks { bind_port = "8009" live_path = "/l" ready_path = "/r" }
                """);

        assertEquals(
                new LogSettings(
                        LogSettings.Level.DEBUG, LogSettings.Format.JSON, Optional.of(Path.of("/var/log/oidc.log"))),
                config.log());
        assertTrue(config.logRequests() && config.allowInsecureScheme() && config.setKeyUse());
        assertEquals(Set.of("a.example.org", "b.example.org"), config.domains().names());
        assertEquals(Optional.of(URI.create("https://issuer.example.org/a")), config.jwtIssuer());
        assertEquals("/a", config.pathPrefix());
        assertEquals(
                new Listen.ServingCertFile(
                        Path.of("cert.pem"), Path.of("key.pem"), Duration.ofSeconds(10), new TcpAddress("::1", 8443)),
                config.listen());
        assertEquals(
                new KeySource.WorkloadApi(
                        Path.of("/run/agent.sock"), new TrustDomain("example.org"), Duration.ofMinutes(1)),
                config.source());
        assertEquals(Optional.of(new HealthSettings(8009, "/l", "/r")), config.health());
        assertEquals(2, config.warnings().size(), config.warnings()::toString);
    }

    @Test
    void anIntervalThatIsNoneMeansTheStandard() {
        var config = read("""
                domains = ["a"]
                listen_socket_path = "/run/o.sock"
                file { path = "b.json" poll_interval = "-1s" }
                health_checks { bind_port = "-1" }
                """);

        assertEquals(new Listen.UnixSocket(Path.of("/run/o.sock")), config.listen());
        assertEquals(new KeySource.BundleFile(Path.of("b.json"), Duration.ofSeconds(10)), config.source());
        assertEquals(Optional.of(new HealthSettings(8008, "/live", "/ready")), config.health());
    }

    @Test
    void allProblemsAreReportedAtOnce() {
        var found = problems("""
                domains = ["Example.org", "ok.example.org"]
                insecure_addr = "8080"
                jwt_issuer = "oidc.example.org"
                server_path_prefix = "a"
                log_level = "loud"
                server_api { address = "tcp://127.0.0.1:8081" poll_interval = "often" }
                health_checks { live_path = "/ready" bind_port = 70000 }
                domain = "b"
                """);

        assertEquals(
                List.of(
                        "o.conf:1: domains: domain \"Example.org\" must already be punycode encoded",
                        "o.conf:2: insecure_addr: \"8080\" is no address, expected host:port or :port, such as :443",
                        "o.conf:3: jwt_issuer: \"oidc.example.org\" was found, expected a url with scheme and host,"
                                + " such as https://oidc.example.org",
                        "o.conf:4: server_path_prefix: \"a\" was found, expected a path that begins with /",
                        "o.conf:5: log_level: \"loud\" is no log level, expected one of [ERROR, WARN, INFO, DEBUG,"
                                + " TRACE]",
                        "o.conf:6: server_api.poll_interval: \"often\" is no duration, expected one like 1h30m or"
                                + " 500ms",
                        "o.conf:6: server_api.address: \"tcp://127.0.0.1:8081\" was found, expected"
                                + " unix:///path/of/the/socket",
                        "o.conf:7: health_checks.bind_port: \"70000\" is no port, expected 1 to 65535",
                        "o.conf:7: health_checks.ready_path: \"/ready\" is the live_path as well, expected another",
                        "o.conf:8: domain: unknown key, did you mean domains?"),
                found);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "acme { email = \"a@example.org\" } | acme: is not supported; use serving_cert_file",
                "experimental { listen_named_pipe_name = \"a\" } | experimental.listen_named_pipe_name: named pipes are Windows'",
                "file { path = \"a\" } | file: is given together with server_api, expected exactly one",
                "listen_socket_path = \"a\" | listen_socket_path: is given together with insecure_addr, expected exactly one",
                "serving_cert_file { key_file_path = \"a\" } | serving_cert_file.cert_file_path: is missing, expected a file",
                "workload_api { socket_path = \"a\" } | workload_api.trust_domain: is missing, expected the trust domain",
                "acme_directory = \"a\" | acme_directory: unknown key",
            })
    void whatCannotBeIsRefusedByName(String more, String expected) {
        var found = problems(SHORTEST + more + "\n");

        assertTrue(found.stream().anyMatch(line -> line.contains(":4: " + expected)), found::toString);
    }

    @Test
    void anEmptyFileLacksThreeThings() {
        var found = problems("");

        assertEquals(3, found.size(), found::toString);
        assertTrue(found.stream().allMatch(line -> line.contains("expected")), found::toString);
    }
}
