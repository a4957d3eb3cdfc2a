// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.config;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.config.AgentConfig.Admin;
import io.countersign.agent.config.AgentConfig.AttestorConfig;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import io.countersign.agent.config.AgentConfig.Rebootstrap;
import io.countersign.agent.config.AgentConfig.RebootstrapMode;
import io.countersign.agent.config.AgentConfig.SdsNames;
import io.countersign.agent.config.AgentConfig.Services;
import io.countersign.agent.config.AgentConfig.SvidCache;
import io.countersign.agent.config.AgentConfig.Tokens;
import io.countersign.launch.LogSettings;
import io.countersign.launch.config.ConfigException;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AgentConfigFileTest {
    private static final String PLUGINS = """
            plugins {
              KeyManager "memory" { plugin_data {} }
              NodeAttestor "join_token" { plugin_data {} }
              WorkloadAttestor "unix" { plugin_data {} }
            }
            """;

    private static final String SMALLEST = """
            agent {
              server_address = "localhost"
              server_port = 8081
              trust_domain = "example.org"
              insecure_bootstrap = true
            }
            """ + PLUGINS;

    @TempDir
    private Path folder;

    private AgentConfig read(String text) throws IOException {
        return read(text, Map.of());
    }

    private AgentConfig read(String text, Map<String, String> flags) throws IOException {
        var file = folder.resolve("agent.conf");
        Files.writeString(file, text);
        return AgentConfigFile.read(file, false, flags);
    }

    private List<String> problems(String text) {
        var report = String.valueOf(
                assertThrows(ConfigException.class, () -> read(text)).getMessage());
        return report.lines()
                .map(line -> line.substring(line.indexOf("agent.conf:") + "agent.conf:".length()))
                .toList();
    }

    private void assertProblem(String expected, String text) {
        var problems = problems(text);
        assertTrue(problems.contains(expected), problems::toString);
    }

    /** The smallest file with more lines, from the sixth on, in its agent block. */
    private static String with(String line) {
        return SMALLEST.replace("insecure_bootstrap = true\n", "insecure_bootstrap = true\n" + line + "\n");
    }

    @Test
    void everySettingIsRead() throws IOException {
        Files.writeString(folder.resolve("token"), "abc\n");
        var config = read("""
                agent {
                  trust_domain = "example.org"
                  server_address = "server.local"
                  server_port = "8443"
                  data_dir = "/data"
                  socket_path = "/run/api.sock"
                  trust_bundle_path = "/boot.pem"
                  join_token_file = "%s/token"
                  workload_x509_svid_key_type = "rsa-2048"
                  allow_unauthenticated_verifiers = true
                  allowed_foreign_jwt_claims = ["iss", "role"]
                  disable_sds_api = true
                  log_level = "DEBUG"
                  log_format = "json"
                  log_file = "/agent.log"
                  sds {
                    default_svid_name = "mine"
                    default_bundle_name = "ours"
                    default_all_bundles_name = "everybody"
                    disable_spiffe_cert_validation = true
                  }
                  experimental { sync_interval = "1m" }
                }
                plugins {
                  KeyManager "disk" { plugin_data { directory = "/keys" } }
                  NodeAttestor "join_token" { plugin_data {} }
                  WorkloadAttestor "unix" { plugin_data { discover_workload_path = true  workload_size_limit = 10 } }
                  WorkloadAttestor "jvm" { plugin_data { allow_claims_alone = true } }
                }
                health_checks { listener_enabled = true  bind_address = "127.0.0.1"  bind_port = 9000  live_path = "/l" }
                """.formatted(folder));

        assertEquals(new TrustDomain("example.org"), config.trustDomain());
        assertEquals("server.local", config.serverAddress());
        assertEquals(8443, config.serverPort());
        assertEquals(Path.of("/data"), config.dataDir());
        assertEquals(Path.of("/run/api.sock"), config.socketPath());
        assertEquals(new Bootstrap.PemFile(Path.of("/boot.pem")), config.bootstrap());
        assertEquals(
                new NodeAttestorConfig.JoinToken(Optional.of("abc"), Optional.of(folder.resolve("token"))),
                config.nodeAttestor());
        assertEquals(WorkloadKeyType.RSA_2048, config.workloadKeyType());
        assertEquals(Optional.of(Path.of("/keys")), config.keyDirectory());
        assertTrue(config.unauthenticatedVerifiers());
        assertEquals(Set.of("iss", "role"), config.foreignClaims());
        assertEquals(new Services(true, false), config.services());
        assertEquals(new SdsNames("mine", "ours", "everybody", true), config.sdsNames());
        assertEquals(Duration.ofMinutes(1), config.syncInterval());
        assertEquals(List.of(new AttestorConfig.Unix(true, 10), new AttestorConfig.Jvm(true)), config.attestors());
        assertEquals(LogSettings.Level.DEBUG, config.log().level());
        assertEquals(LogSettings.Format.JSON, config.log().format());
        assertEquals("/l", config.health().orElseThrow().livePath());
        assertEquals(9000, config.health().orElseThrow().address().getPort());
    }

    @Test
    void smallestFileHasTheDefaultsOfTheOriginal() throws IOException {
        var config = read(SMALLEST);

        assertEquals(Path.of("/tmp/spire-agent/public/api.sock"), config.socketPath());
        assertEquals(new Bootstrap.Insecure(), config.bootstrap());
        assertEquals(new NodeAttestorConfig.JoinToken(Optional.empty()), config.nodeAttestor());
        assertEquals(WorkloadKeyType.EC_P256, config.workloadKeyType());
        assertEquals(new SdsNames("default", "ROOTCA", "ALL", false), config.sdsNames());
        assertEquals(new Services(true, true), config.services());
        assertEquals(Duration.ofSeconds(5), config.syncInterval());
        assertEquals(List.of(new AttestorConfig.Unix(false, 0)), config.attestors());
        assertEquals(Optional.empty(), config.keyDirectory());
        assertEquals(Optional.empty(), config.health());
        assertEquals(Set.of(), config.foreignClaims());
    }

    @Test
    void allProblemsOfAFileAreReportedAtOnceWithTheirLines() {
        var problems = problems("""
                agent {
                  server_adress = "localhost"
                  server_port = 99999
                  trust_domain = "Not A Domain"
                  trust_bundle_path = "x"
                  trust_bundle_format = "der"
                  insecure_bootstrap = "yes"
                  workload_x509_svid_key_type = "ed25519"
                  log_level = "loud"
                  profiling_names = ["cpu"]
                  experimental { sync_interval = "soon"  feature_flags = ["x"] }
                }
                plugins {
                  KeyManager "disk" { plugin_data {} }
                  NodeAttestor "tpm_devid" { plugin_data { cluster = "c" } }
                  WorkloadAttestor "slurm" { plugin_cmd = "x"  plugin_data {} }
                }
                telemetry { InMem { enabled = true } }
                """);

        var expected = List.of(
                "2: agent.server_adress: unknown key, did you mean server_address?",
                "3: agent.server_port: \"99999\" is no port, expected 1 to 65535",
                "6: agent.trust_bundle_format: \"der\" was found, expected pem or spiffe",
                "7: agent.insecure_bootstrap: \"yes\" is no boolean, expected true or false without quotes",
                "8: agent.workload_x509_svid_key_type: \"ed25519\" was found, expected ec-p256, ec-p384 or rsa-2048",
                "10: agent.profiling_names: is a setting of the original that is not supported here; remove it",
                "11: agent.experimental.sync_interval: \"soon\" was found, expected a duration like 1h30m",
                "11: agent.experimental.feature_flags: is a setting of the original that is not supported here;"
                        + " remove it",
                "18: telemetry.InMem: is no sink that is supported here, expected Prometheus");
        for (var each : expected) {
            assertTrue(problems.contains(each), () -> each + " is not among\n" + String.join("\n", problems));
        }
        var words = String.join("\n", problems);
        for (var part : List.of(
                "agent.server_address: is missing",
                "4: agent.trust_domain: ",
                "9: agent.log_level: ",
                "14: plugins.KeyManager \"disk\".plugin_data: directory is missing",
                "\"tpm_devid\" is no node attestor of this program, expected",
                "\"slurm\" is no workload attestor of this program, expected docker, jvm, k8s, systemd, unix, or a plugin",
                "16: plugins.WorkloadAttestor \"slurm\".plugin_cmd: programs of others are not supported")) {
            assertTrue(words.contains(part), () -> part + " is not in\n" + words);
        }
    }

    private static String withAttestor(String attestors) {
        return SMALLEST.replace("NodeAttestor \"join_token\" { plugin_data {} }", attestors);
    }

    @Test
    void aNodeMayProveItselfByACertificate() throws Exception {
        var least = read(withAttestor(
                "NodeAttestor \"x509pop\" { plugin_data { private_key_path = \"/k\"\n certificate_path = \"/c\" } }"));
        var most = withAttestor("NodeAttestor \"x509pop\" { plugin_data {\n private_key_path = \"/k\"\n"
                + " certificate_path = \"/c\"\n intermediates_path = \"/i\" } }");

        assertEquals(
                new NodeAttestorConfig.X509Pop(Path.of("/k"), Path.of("/c"), Optional.empty()), least.nodeAttestor());
        assertEquals(
                new NodeAttestorConfig.X509Pop(Path.of("/k"), Path.of("/c"), Optional.of(Path.of("/i"))),
                read(most).nodeAttestor());
        assertEquals(
                new NodeAttestorConfig.JoinToken(Optional.of("t")),
                read(most.replace("agent {", "agent {\n  join_token = \"t\"")).nodeAttestor());
    }

    @Test
    void anAttestorThatCannotBeIsNamed() throws Exception {
        var words = String.join("\n", problems(withAttestor("""
                NodeAttestor "x509pop" {}
                  NodeAttestor "x509pop" {
                    plugin_data {
                      certificate = "/c"
                      spiffe_endpoint_socket = ""
                    }
                  }
                """)));

        for (var part : List.of(
                "plugins.NodeAttestor \"x509pop\".plugin_data: is missing, expected private_key_path and",
                "plugins.NodeAttestor \"x509pop\": is the second one, expected a single one",
                "plugin_data.private_key_path: is missing, expected a pem file",
                "plugin_data.certificate_path: is missing, expected a pem file",
                "plugin_data.certificate: unknown key, did you mean certificate_path?")) {
            assertTrue(words.contains(part), () -> part + " is not in\n" + words);
        }
    }

    @Test
    void bootstrapIsOneThingOrTheOther() {
        assertProblem(
                "5: agent.insecure_bootstrap: is given beside trust_bundle_path, expected only one of them",
                with("  trust_bundle_path = \"x\""));
        assertProblem(
                "1: agent.trust_bundle_path: is missing, expected it, trust_bundle_url, trust_bundle_spiffe_workload_api or"
                        + " insecure_bootstrap",
                SMALLEST.replace("insecure_bootstrap = true", ""));
    }

    @Test
    void theBundleMayComeFromElsewhere() throws IOException {
        var silent = SMALLEST.replace("insecure_bootstrap = true", "@");
        assertEquals(
                new Bootstrap.Url(URI.create("https://web/bundle"), true),
                read(silent.replace(
                                "@", "trust_bundle_url = \"https://web/bundle\"\n  trust_bundle_format = \"spiffe\""))
                        .bootstrap());
        assertEquals(
                new Bootstrap.WorkloadApi("unix:///other.sock"),
                read(silent.replace("@", "trust_bundle_spiffe_workload_api = \"unix:///other.sock\""))
                        .bootstrap());
        var local = "trust_bundle_unix_socket = \"/run/attestor.sock\"\n  trust_bundle_url = \"@\"";
        assertEquals(
                new Bootstrap.LocalUrl(Path.of("/run/attestor.sock"), URI.create("http://localhost/bundle?a=b"), false),
                read(silent.replace("@", local.replace("@", "http://localhost/bundle?a=b")))
                        .bootstrap());
        assertProblem(
                "6: agent.trust_bundle_url: \"https://web/bundle\" was found, expected a URL that starts with http://, as"
                        + " trust_bundle_unix_socket is given",
                silent.replace("@", local.replace("@", "https://web/bundle")));
        assertProblem(
                "6: agent.trust_bundle_url: has \"spire-attest-mode=x\" in its query, expected no name that begins with"
                        + " spiffe- or spire-",
                silent.replace("@", local.replace("@", "http://localhost/?a=b&spire-attest-mode=x")));
        assertProblem(
                "5: agent.trust_bundle_unix_socket: is given without trust_bundle_url, expected both: what is asked for"
                        + " there",
                silent.replace("@", "trust_bundle_unix_socket = \"/run/attestor.sock\""));
        assertProblem(
                "5: agent.trust_bundle_url: \"http://web/bundle\" was found, expected a URL that starts with https://",
                silent.replace("@", "trust_bundle_url = \"http://web/bundle\""));
        assertProblem(
                "5: agent.trust_bundle_spiffe_workload_api: \"x\" is no address of a Workload API, expected"
                        + " unix:///path/of/the/socket",
                silent.replace("@", "trust_bundle_spiffe_workload_api = \"x\""));
    }

    @Test
    void whatKeepsAnAgentAliveIsRead() throws IOException {
        var config = read(SMALLEST.replace("insecure_bootstrap = true", """
                trust_bundle_path = "/b"
                rebootstrap_mode = "auto"
                rebootstrap_delay = "5m"
                availability_target = "24h"
                jwt_svid_cache_max_size = 7
                experimental {
                  use_sync_authorized_entries = false
                  jwt_svid_cache_hit_timeout = "6s"
                }"""));
        assertEquals(new Rebootstrap(RebootstrapMode.AUTO, Duration.ofMinutes(5)), config.rebootstrap());
        assertEquals(Optional.of(Duration.ofHours(24)), config.availabilityTarget());
        assertEquals(new Tokens(7, Duration.ofSeconds(6), Duration.ofSeconds(30)), config.tokens());
        assertFalse(config.deltaSync());

        var standard = read(SMALLEST);
        assertEquals(Rebootstrap.STANDARD, standard.rebootstrap());
        assertEquals(Tokens.STANDARD, standard.tokens());
        assertEquals(Optional.empty(), standard.availabilityTarget());
        assertTrue(standard.deltaSync());
    }

    @Test
    void theAdminSocketAndItsDelegatesAreRead() throws IOException {
        assertEquals(Optional.empty(), read(SMALLEST).admin());
        var text = with("admin_socket_path = \"/a/admin.sock\"\n"
                + "  authorized_delegates = [\"spiffe://example.org/d\", \"spiffe://example.org/e\"]");
        assertEquals(
                Optional.of(new Admin(
                        Path.of("/a/admin.sock"),
                        Set.of(SpiffeId.parse("spiffe://example.org/d"), SpiffeId.parse("spiffe://example.org/e")))),
                read(text).admin());
        assertProblem(
                "7: agent.authorized_delegates: \"spiffe://other.org/d\" is not of the trust domain \"example.org\"",
                text.replace("spiffe://example.org/d", "spiffe://other.org/d"));
        assertTrue(problems(text.replace("/a/admin.sock", "/tmp/spire-agent/public/private/admin.sock"))
                .getFirst()
                .startsWith(
                        "6: agent.admin_socket_path: \"/tmp/spire-agent/public/private/admin.sock\" is in the folder"));
    }

    @Test
    void theCacheOnDiskIsRead() throws IOException {
        assertEquals(
                Optional.of(new SvidCache(Path.of("/c"), Path.of("/k"))),
                read(SMALLEST + "svid_cache { path = \"/c\"  key_file = \"/k\" }")
                        .svidCache());
        assertTrue(String.join("\n", problems(SMALLEST + "svid_cache { path = \"/c\" }"))
                .contains("svid_cache.key_file: is missing, expected a file with 32 random bytes in base64"));
    }

    @Test
    void whatCannotBeIsNamed() {
        assertProblem(
                "6: agent.rebootstrap_mode: \"often\" was found, expected never, auto or always",
                with("rebootstrap_mode = \"often\""));
        assertProblem(
                "6: agent.rebootstrap_mode: does not go with insecure_bootstrap: whoever takes the server's place would be"
                        + " believed",
                with("rebootstrap_mode = \"auto\""));
        assertProblem(
                "6: agent.rebootstrap_delay: \"soon\" was found, expected a duration like 1h30m",
                with("rebootstrap_delay = \"soon\""));
        assertProblem(
                "6: agent.availability_target: is 23h, expected at least 24h", with("availability_target = \"23h\""));
        assertProblem(
                "6: agent.jwt_svid_cache_max_size: is negative, expected a number of tokens",
                with("jwt_svid_cache_max_size = -1"));
        assertProblem(
                "6: agent.experimental.jwt_svid_cache_hit_timeout: is 30s, expected from 5s to less than 30s",
                with("experimental { jwt_svid_cache_hit_timeout = \"30s\" }"));
        assertProblem(
                "6: agent.x509_svid_cache_max_size: is not supported: every entry of this node has its certificate ahead of"
                        + " time and keeps it, and none is dropped because nobody has asked for it lately; remove it",
                with("x509_svid_cache_max_size = 5"));
        assertDoesNotThrow(() -> read(with("x509_svid_cache_max_size = 0")));
    }

    @Test
    void tokenIsGivenInOnePlace() {
        var problems = problems(with("  join_token = \"a\"\n  join_token_file = \"b\""));
        assertTrue(problems.getFirst().startsWith("7: agent.join_token_file: is given beside join_token"));
        assertTrue(problems(with("  join_token_file = \"/nowhere/token\""))
                .getFirst()
                .contains("cannot be read"));
    }

    @Test
    void missingBlocksAreNamed() {
        assertTrue(problems("plugins {}").getFirst().contains("agent: expected a block agent"));
        assertTrue(problems(SMALLEST.replace(PLUGINS, "")).getFirst().contains("plugins: is missing"));
        assertTrue(problems(SMALLEST.replace("WorkloadAttestor \"unix\" { plugin_data {} }", ""))
                .getFirst()
                .contains("WorkloadAttestor: is missing, expected docker, jvm, k8s, systemd, unix, or a plugin"));
    }

    @Test
    void flagsOverrideTheFile() throws IOException {
        var config = read(
                SMALLEST,
                Map.of(
                        "server_address", "other",
                        "server_port", "9",
                        "trust_domain", "other.org",
                        "join_token", "t",
                        "socket_path", "/s",
                        "data_dir", "/d",
                        "disable_workload_api", "true",
                        "log_level", "warn"));

        assertEquals("other", config.serverAddress());
        assertEquals(9, config.serverPort());
        assertEquals(new TrustDomain("other.org"), config.trustDomain());
        assertEquals(new NodeAttestorConfig.JoinToken(Optional.of("t")), config.nodeAttestor());
        assertEquals(Path.of("/s"), config.socketPath());
        assertEquals(Path.of("/d"), config.dataDir());
        assertEquals(new Services(false, true), config.services());
        assertEquals(LogSettings.Level.WARN, config.log().level());
    }

    @Test
    void flagsCountWhereTheFileIsSilent() throws IOException {
        var silent = SMALLEST.replace("server_address = \"localhost\"", "").replace("insecure_bootstrap = true", "");
        var config =
                read(silent, Map.of("server_address", "a", "trust_bundle_path", "/b", "trust_bundle_format", "spiffe"));
        assertEquals(new Bootstrap.SpiffeFile(Path.of("/b")), config.bootstrap());
        assertEquals("a", config.serverAddress());
    }
}
