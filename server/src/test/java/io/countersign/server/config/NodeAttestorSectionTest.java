// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaSubject;
import io.countersign.ca.x509.X509Authority;
import io.countersign.launch.config.ConfigException;
import io.countersign.server.TestConfig;
import io.countersign.server.config.NodeAttestorSettings.Cluster;
import io.countersign.server.config.NodeAttestorSettings.HttpChallenge;
import io.countersign.server.config.NodeAttestorSettings.K8sPsat;
import io.countersign.server.config.NodeAttestorSettings.SshPop;
import io.countersign.server.config.NodeAttestorSettings.Trust;
import io.countersign.server.config.NodeAttestorSettings.X509Pop;
import io.countersign.server.ssh.SshKey;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeAttestorSectionTest {
    private static final String KEY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP/8JIVol3TGJysxgT0OsoX9UF7od6dVtP5/D8WMMIYZ";

    @TempDir
    Path folder;

    private List<NodeAttestorSettings> read(String attestors) throws IOException {
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
                """.formatted(attestors));
        return ServerConfigFile.read(file, false, Map.of()).nodeAttestors();
    }

    private X509Pop x509Pop(String data) throws IOException {
        var all = read("""
                NodeAttestor "join_token" { plugin_data {} }
                NodeAttestor "x509pop" { plugin_data {
                %s
                } }
                """.formatted(data));
        assertEquals(1, all.size());
        return assertInstanceOf(X509Pop.class, all.getFirst());
    }

    private X509Certificate write(String name) throws IOException {
        var authority = X509Authority.selfSigned(
                        TestConfig.DOMAIN,
                        CaSubject.STANDARD,
                        KeyType.EC_P256.generate(),
                        Instant.now(),
                        Duration.ofDays(1))
                .certificate();
        Files.writeString(folder.resolve(name), Pem.certificates(List.of(authority)));
        return authority;
    }

    @Test
    void x509PopTrustsTheAuthoritiesOfFiles() throws Exception {
        var first = write("first.pem");
        var second = write("second.pem");

        var least = x509Pop("ca_bundle_path = \"" + folder + "/first.pem\"");
        var most = x509Pop("""
                mode = "external_pki"
                ca_bundle_paths = ["%1$s/first.pem", "%1$s/second.pem"]
                agent_path_template = "/cn/{{ .Subject.CommonName }}"
                max_intermediates = 2
                max_rsa_key_size = 4096
                verify_client_ip = true
                """.formatted(folder));

        assertEquals(new Trust.External(List.of(first)), least.trust());
        assertEquals("/{{ .PluginName }}/{{ .Fingerprint }}", least.agentPath().text());
        assertEquals(4, least.mostIntermediates());
        assertEquals(8192, least.longestRsaKey());
        assertEquals(new Trust.External(List.of(first, second)), most.trust());
        assertEquals("/cn/{{ .Subject.CommonName }}", most.agentPath().text());
        assertEquals(2, most.mostIntermediates());
        assertEquals(4096, most.longestRsaKey());
        assertTrue(most.verifyClientIp());
    }

    @Test
    void x509PopExchangesSvids() throws Exception {
        var standard = x509Pop("mode = \"spiffe\"");

        assertEquals(new Trust.Spiffe("/spire-exchange/"), standard.trust());
        assertEquals(
                "/{{ .PluginName }}/{{ .SVIDPathTrimmed }}",
                standard.agentPath().text());
        assertEquals(
                new Trust.Spiffe("/nodes/"),
                x509Pop("mode = \"spiffe\"\nspiffe_prefix = \"/nodes\"").trust());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mode = "pki"                           | server.conf:10: plugins.NodeAttestor "x509pop".plugin_data.mode: "pki" was found, expected external_pki or spiffe
            max_intermediates = 4                  | ca_bundle_path: is missing, expected it or ca_bundle_paths
            ca_bundle_path = "/nothing"            | server.conf:10: plugins.NodeAttestor "x509pop".plugin_data.ca_bundle_path: the file /nothing is not there
            ca_bundle_paths = ["/etc/hostname"]    | ca_bundle_paths: the file /etc/hostname is of no use: no "BEGIN CERTIFICATE" block found
            mode = "spiffe", ca_bundle_path = "/x" | ca_bundle_path: counts for nothing where the mode is spiffe
            mode = "spiffe", svid_prefix = "/x"    | svid_prefix: is how the original's documentation calls spiffe_prefix
            spiffe_prefix = "/x"                   | spiffe_prefix: counts where the mode is spiffe only
            mode = "spiffe", spiffe_prefix = "x"   | spiffe_prefix: "x/" was found, expected a path that begins with a slash
            mode = "spiffe", max_intermediates = 0 | max_intermediates: 0 was found, expected at least 1
            mode = "spiffe", max_rsa_key_size = -1 | max_rsa_key_size: -1 was found, expected at least 1
            mode = "spiffe", agent_path_template = "/{{ .X }}" | agent_path_template: agent path template "/{{ .X }}": the field .X is not supported
            mode = "spiffe", max_rsa_key = 1       | max_rsa_key: unknown key, did you mean max_rsa_key_size?
            """)
    void whatIsWrongIsNamedWithItsLine(String data, String words) {
        var refused = assertThrows(ConfigException.class, () -> x509Pop(data.replace(", ", "\n")));

        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }

    private HttpChallenge httpChallenge(String data) throws IOException {
        var all = read("NodeAttestor \"http_challenge\" { plugin_data {\n%s\n} }".formatted(data));
        assertEquals(1, all.size());
        return assertInstanceOf(HttpChallenge.class, all.getFirst());
    }

    @Test
    void httpChallengeHasStandards() throws Exception {
        var standard = new HttpChallenge(List.of(), OptionalInt.empty(), true, true);

        assertEquals(standard, httpChallenge(""));
        assertEquals(List.of(standard), read("NodeAttestor \"http_challenge\" {}"));
        var set = httpChallenge("""
                allowed_dns_patterns = ["p[0-9]\\\\.example\\\\.com"]
                required_port = 80
                allow_non_root_ports = false
                tofu = false
                """);
        assertEquals("p[0-9]\\.example\\.com", set.allowedHosts().getFirst().pattern());
        assertEquals(new HttpChallenge(set.allowedHosts(), OptionalInt.of(80), false, false), set);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            allowed_dns_patterns = ["("]                | server.conf:9: plugins.NodeAttestor "http_challenge".plugin_data.allowed_dns_patterns: "(" was found, expected a regular expression
            required_port = 0                           | required_port: 0 was found, expected 1 to 65535
            tofu = false                                | tofu: false was found, where every user of a node can listen
            tofu = false, required_port = 1024          | tofu: false was found
            tofu = false, allow_non_root_ports = true   | tofu: false was found
            agent_path_template = "/x"                  | agent_path_template: unknown key
            """)
    void whatIsWrongWithHttpChallengeIsNamed(String data, String words) {
        var refused = assertThrows(ConfigException.class, () -> httpChallenge(data.replace(", ", "\n")));

        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }

    @Test
    void sshpopTrustsTheAuthoritiesOfItsSettingsAndOfAFile() throws Exception {
        var file = Files.writeString(folder.resolve("keys.pub"), "# ours\n\ncert-authority " + KEY + " comment\n");

        var all = read("""
                NodeAttestor "sshpop" { plugin_data {
                  cert_authorities = ["%s"]
                  cert_authorities_path = "%s"
                  canonical_domain = "example.org"
                  agent_path_template = "/host/{{ .Hostname }}"
                } }
                """.formatted(KEY, file));

        var key = SshKey.parseLine(KEY);
        assertEquals("ssh-ed25519", key.type());
        var pop = assertInstanceOf(SshPop.class, all.getFirst());
        assertEquals(List.of(key, key), pop.authorities());
        assertEquals("example.org", pop.canonicalDomain());
        assertEquals("/host/{{ .Hostname }}", pop.agentPath().text());
    }

    @Test
    void k8sPsatHasItsClusters() throws Exception {
        var all = read("""
                NodeAttestor "k8s_psat" { plugin_data {
                  clusters = {
                    "least" = { service_account_allow_list = ["spire:agent"] }
                    "most" = {
                      service_account_allow_list = ["a:b", "c:d"]
                      audience = []
                      kube_config_file = "/kube.conf"
                      allowed_node_label_keys = ["zone"]
                      allowed_pod_label_keys = ["app"]
                      use_pod_uid_for_agent_id = true
                    }
                  }
                } }
                """);

        assertEquals(
                List.of(new K8sPsat(Map.of(
                        "least",
                        new Cluster(
                                Set.of("spire:agent"),
                                List.of("spire-server"),
                                Optional.empty(),
                                Set.of(),
                                Set.of(),
                                false),
                        "most",
                        new Cluster(
                                Set.of("a:b", "c:d"),
                                List.of(),
                                Optional.of(Path.of("/kube.conf")),
                                Set.of("zone"),
                                Set.of("app"),
                                true)))),
                all);
    }

    @Test
    void clustersMayBeSaidInPieces() throws Exception {
        for (var clusters : List.of("""
                clusters "a" { service_account_allow_list = ["x:y"] }
                clusters "b" { service_account_allow_list = ["z:z"] }
                """, """
                clusters = [
                  { "a" = { service_account_allow_list = ["x:y"] } },
                  { "b" = { service_account_allow_list = ["z:z"] } }
                ]
                """)) {
            var psat = assertInstanceOf(
                    K8sPsat.class,
                    read("NodeAttestor \"k8s_psat\" { plugin_data {\n" + clusters + "} }")
                            .getFirst());

            assertEquals(
                    Map.of("a", Set.of("x:y"), "b", Set.of("z:z")),
                    psat.clusters().entrySet().stream()
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey, each -> each.getValue().serviceAccounts())));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            NodeAttestor "sshpop" {}                                                          | plugin_data: is missing, expected the settings
            NodeAttestor "sshpop" { plugin_data {} }                                          | cert_authorities: is missing, expected it or cert_authorities_path
            NodeAttestor "sshpop" { plugin_data { cert_authorities = [] } }                   | cert_authorities: is empty, expected at least one key
            NodeAttestor "sshpop" { plugin_data { cert_authorities = ["ssh-rsa"] } }          | cert_authorities: "ssh-rsa" cannot be used: no public key found
            NodeAttestor "sshpop" { plugin_data { cert_authorities = ["ssh-rsa AAAA"] } }     | cert_authorities: "ssh-rsa AAAA" cannot be used: the data ends early
            NodeAttestor "sshpop" { plugin_data { cert_authorities_path = "/nothing" } }      | cert_authorities_path: the file /nothing is not there
            NodeAttestor "sshpop" { plugin_data { cert_authorities_path = "/dev/null" } }     | cert_authorities_path: the file /dev/null is empty
            NodeAttestor "sshpop" { plugin_data { agent_path_template = "/{{ .Subject }}" } } | the field .Subject is not supported
            NodeAttestor "sshpop" { plugin_data { agent_path_template = "/{{ index .X 0 }}" } } | index takes a list and a number from 0, expected one of the lists [ValidPrincipals]
            NodeAttestor "sshpop" { plugin_data { agent_path_template = "/{{ index .ValidPrincipals x }}" } } | index takes a list and a number from 0
            NodeAttestor "k8s_psat" { plugin_data {} }                                        | clusters: is missing, expected at least one cluster
            NodeAttestor "k8s_psat" { plugin_data { clusters = { "a" = {} } } }               | service_account_allow_list: is missing, expected at least one
            NodeAttestor "k8s_psat" { plugin_data { clusters = { "a/b" = {} } } }             | "a/b" was found, expected a name of letters
            NodeAttestor "k8s_psat" { plugin_data { clusters = { "a" = { audiences = 1 } } } } | audiences: unknown key, did you mean audience?
            """)
    void whatIsWrongWithOtherAttestorsIsNamed(String attestor, String words) {
        var refused = assertThrows(ConfigException.class, () -> read(attestor));

        assertTrue(String.valueOf(refused.getMessage()).contains(words), refused::getMessage);
    }

    @Test
    void anAttestorIsThereOnceWithItsSettings() {
        var refused = assertThrows(ConfigException.class, () -> read("""
                NodeAttestor "join_token" {}
                NodeAttestor "join_token" {}
                NodeAttestor "x509pop" {}
                NodeAttestor "x509pop" { plugin_data { mode = "spiffe" } plugin_cmd = "x" }
                """));

        var words = String.valueOf(refused.getMessage());
        assertTrue(words.contains(":9: plugins.NodeAttestor \"join_token\": is there twice"), words);
        assertTrue(words.contains(":10: plugins.NodeAttestor \"x509pop\".plugin_data: is missing"), words);
        assertTrue(words.contains(":11: plugins.NodeAttestor \"x509pop\": is there twice"), words);
        assertTrue(words.contains(":11: plugins.NodeAttestor \"x509pop\".plugin_cmd: programs of others"), words);
    }
}
