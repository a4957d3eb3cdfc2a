// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.x509.CaSubject;
import io.countersign.datastore.DatabaseSettings;
import io.countersign.datastore.federation.BundleEndpoint;
import io.countersign.datastore.federation.BundleEndpoint.HttpsWeb;
import io.countersign.launch.LogSettings;
import io.countersign.launch.config.ConfigException;
import io.countersign.launch.health.HealthSettings;
import io.countersign.server.config.ServerConfig.Federation;
import io.countersign.server.config.ServerConfig.Keys;
import io.countersign.server.config.ServerConfig.Lives;
import io.countersign.server.config.ServerConfig.NodePruning;
import io.countersign.server.config.ServerConfig.Oversight;
import io.countersign.server.config.ServerConfig.RateLimits;
import io.countersign.server.config.ServerConfig.Signing;
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
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerConfigFileTest {
    private static final String LEAST = """
            server {
              trust_domain = "example.org"
              data_dir = "/data"
            }
            plugins {
              DataStore "sql" {
                plugin_data { database_type = "sqlite3", connection_string = "/data/db" }
              }
              KeyManager "memory" { plugin_data {} }
              NodeAttestor "join_token" { plugin_data {} }
            }
            """;

    @TempDir
    Path folder;

    private ServerConfig read(String text, Map<String, String> flags) throws IOException {
        var file = folder.resolve("server.conf");
        Files.writeString(file, text);
        return ServerConfigFile.read(file, false, flags);
    }

    private String problems(String text) {
        var refused = assertThrows(ConfigException.class, () -> read(text, Map.of()));
        return String.valueOf(refused.getMessage())
                .replace(folder.resolve("server.conf").toString(), "server.conf");
    }

    @Test
    void everyKeyIsRead() throws Exception {
        var config = read("""
                server {
                  trust_domain = "example.org"
                  bind_address = "127.0.0.1"
                  bind_port = "9081"
                  socket_path = "/run/api.sock"
                  data_dir = "/data"
                  admin_ids = ["spiffe://example.org/admin", "spiffe://example.org/other"]
                  agent_ttl = "20m"
                  default_x509_svid_ttl = "30m"
                  default_jwt_svid_ttl = "1m"
                  ca_ttl = "48h"
                  ca_key_type = "ec-p384"
                  jwt_key_type = "rsa-2048"
                  jwt_issuer = "https://issuer"
                  disable_jwt_svids = true
                  ca_subject { country = ["DE"], organization = ["Mine"], common_name = "CA" }
                  log_level = "DEBUG"
                  log_format = "json"
                  log_file = "/var/log/server.log"
                  prune_attested_nodes_expired_for = "720h"
                  prune_attested_nodes_batch_size = 50
                  prune_tofu_nodes = true
                  ratelimit { attestation = true, signing = false }
                  federation {
                    federates_with "other.org" {
                      bundle_endpoint_url = "https://other.org/"
                      bundle_endpoint_profile "https_web" {}
                    }
                  }
                }
                plugins {
                  DataStore "sql" {
                    plugin_data { database_type = "sqlite3", connection_string = "file:/data/db" }
                  }
                  KeyManager "disk" { plugin_data { keys_path = "/data/keys.json" } }
                  NodeAttestor "join_token" { plugin_data {} }
                  UpstreamAuthority "spire" {
                    plugin_data { server_address = "root", server_port = "8081", workload_api_socket = "/run/agent.sock" }
                  }
                }
                health_checks {
                  listener_enabled = true
                  bind_address = "127.0.0.1"
                  bind_port = "8080"
                  live_path = "/alive"
                  ready_path = "/able"
                }
                """, Map.of());

        assertEquals(
                new ServerConfig(
                        new TrustDomain("example.org"),
                        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9081),
                        Path.of("/run/api.sock"),
                        Set.of(
                                SpiffeId.parse("spiffe://example.org/admin"),
                                SpiffeId.parse("spiffe://example.org/other")),
                        new Lives(
                                Duration.ofMinutes(20),
                                Duration.ofMinutes(30),
                                Duration.ofMinutes(1),
                                Duration.ofHours(48)),
                        new Signing(
                                KeyType.EC_P384,
                                KeyType.RSA_2048,
                                new CaSubject(List.of("DE"), List.of("Mine"), "CA"),
                                Optional.of("https://issuer"),
                                true,
                                Optional.of(new UpstreamSettings.Spire("root", 8081, Path.of("/run/agent.sock")))),
                        new ServerConfig.Datastore(
                                new DatabaseSettings.Sqlite(Path.of("/data/db")),
                                Path.of("/data"),
                                Optional.of(new NodePruning(Duration.ofDays(30), true, 50))),
                        new Keys.Disk(Path.of("/data/keys.json")),
                        List.of(),
                        List.of(),
                        new Federation(
                                Optional.empty(),
                                Map.of(
                                        new TrustDomain("other.org"),
                                        BundleEndpoint.parse("https://other.org/", new HttpsWeb()))),
                        new RateLimits(true, false),
                        Optional.of(new HealthSettings(
                                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 8080), "/alive", "/able")),
                        new LogSettings(
                                LogSettings.Level.DEBUG,
                                LogSettings.Format.JSON,
                                Optional.of(Path.of("/var/log/server.log"))),
                        Oversight.NONE,
                        List.of()),
                config);
    }

    @Test
    void whatIsNotSaidIsAsWithTheOriginal() throws Exception {
        var config = read(LEAST, Map.of());

        assertEquals(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 8081), config.address());
        assertEquals(Path.of("/tmp/spire-server/private/api.sock"), config.socketPath());
        assertEquals(
                new Lives(Duration.ofHours(1), Duration.ofHours(1), Duration.ofMinutes(5), Duration.ofHours(24)),
                config.lives());
        assertEquals(
                new Signing(
                        KeyType.EC_P256,
                        KeyType.EC_P256,
                        CaSubject.STANDARD,
                        Optional.empty(),
                        false,
                        Optional.empty()),
                config.signing());
        assertEquals(new Keys.Memory(), config.keys());
        assertEquals(Federation.NONE, config.federation());
        assertEquals(new RateLimits(true, true), config.rateLimits());
        assertEquals(Set.of(), config.admins());
        assertEquals(Optional.empty(), config.health());
        assertEquals(LogSettings.standard(), config.log());
    }

    @Test
    void agentsAndTokensFollowTheKeysTheyAreNamedAfter() throws Exception {
        var config = read(
                LEAST.replace(
                        "data_dir = \"/data\"",
                        "data_dir = \"/data\"\n default_x509_svid_ttl = \"7m\"\n ca_key_type = \"rsa-4096\""),
                Map.of());

        assertEquals(Duration.ofMinutes(7), config.lives().agent());
        assertEquals(KeyType.RSA_4096, config.signing().jwtKeyType());
    }

    @Test
    void aFlagIsStrongerThanTheFile() throws Exception {
        var config = read(
                LEAST,
                Map.of(
                        "bind_address", "127.0.0.1",
                        "bind_port", "1234",
                        "trust_domain", "flag.org",
                        "socket_path", "/flag.sock",
                        "log_level", "ERROR"));

        assertEquals(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 1234), config.address());
        assertEquals(new TrustDomain("flag.org"), config.trustDomain());
        assertEquals(Path.of("/flag.sock"), config.socketPath());
        assertEquals(LogSettings.Level.ERROR, config.log().level());
    }

    @Test
    void nodesAreForgottenIfItSaysWhen() throws IOException {
        assertEquals(Optional.empty(), read(LEAST, Map.of()).datastore().pruning());
        assertEquals(
                Optional.of(new NodePruning(Duration.ofHours(1), false, 1_000)),
                read(inServer("prune_attested_nodes_expired_for = \"1h\""), Map.of())
                        .datastore()
                        .pruning());
        assertEquals(
                "server.conf:4: server.prune_tofu_nodes: changes nothing without prune_attested_nodes_expired_for;"
                        + " add that or remove this",
                problems(inServer("prune_tofu_nodes = true")));
        assertEquals(
                "server.conf:4: server.prune_attested_nodes_expired_for: \"0s\" was found, expected a second or more",
                problems(inServer("prune_attested_nodes_expired_for = \"0s\"")));
    }

    private static String inServer(String line) {
        return LEAST.replace("data_dir = \"/data\"", "data_dir = \"/data\"\n" + line);
    }

    @Test
    void whatIsWrongComesAtOnceWithItsLines() {
        var words = problems("""
                server {
                  trust_domian = "example.org"
                  bind_port = "many"
                  ca_ttl = "1s"
                  agent_ttl = "soon"
                  ca_key_type = "dsa"
                  admin_ids = ["admin"]
                  experimental { wit_issuer = "x" }
                }
                plugins {
                  DataStore "sql" { plugin_data { database_type = "postgres", connection_string = "x" } }
                  KeyManager "disk" {}
                  NodeAttestor "aws_iid" { plugin_data { accounts = "x" } }
                  UpstreamAuthority "disk" {}
                }
                telemetry { Statsd = [{ address = "x" }] }
                """);

        for (var expected : new String[] {
            "server.conf:2: server.trust_domian: unknown key, did you mean trust_domain?",
            "server.conf:1: server.trust_domain: ",
            "server.conf:1: server.data_dir: ",
            "server.conf:3: server.bind_port: ",
            "server.conf:4: server.ca_ttl: 1s was found, expected at least 30s",
            "server.conf:5: server.agent_ttl: \"soon\" was found, expected a duration",
            "server.conf:6: server.ca_key_type: \"dsa\" was found, expected one of [rsa-2048,",
            "server.conf:7: server.admin_ids: ",
            "server.conf:8: server.experimental.wit_issuer: is of WIT-SVIDs, which are not supported",
            "server.conf:11: plugins.DataStore \"sql\".plugin_data.connection_string: a word without \"=\"",
            "server.conf:12: plugins.KeyManager \"disk\".plugin_data: keys_path is missing",
            "server.conf:13: plugins.NodeAttestor \"aws_iid\": \"aws_iid\" is no node attestor of this program, expected http_challenge, join_token, k8s_psat, sshpop, x509pop, or a plugin with plugin_jar",
            "server.conf:14: plugins.UpstreamAuthority \"disk\".plugin_data: is missing, expected the settings",
            "server.conf:16: telemetry.Statsd: is no sink that is supported here, expected Prometheus"
        }) {
            assertTrue(words.contains(expected), () -> expected + " is not in\n" + words);
        }
        assertEquals(14, words.lines().count(), words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            KeyManager "memory" { plugin_data {} }  | KeyManager "aws_kms" { plugin_data {} }     | "aws_kms" is no key manager of this program, expected disk, memory or pkcs11
            KeyManager "memory" { plugin_data {} }  | KeyManager "memory" { plugin_cmd = "x" }    | programs of others are not supported
            KeyManager "memory" { plugin_data {} }  | CredentialComposer "uniqueid" {}            | plugins of this type are not supported
            KeyManager "memory" { plugin_data {} }  | NodeAttestor "join_token" {}                | KeyManager: is missing, expected disk, memory or pkcs11
            NodeAttestor "join_token" { plugin_data {} } | UpstreamAuthority "vault" { plugin_data {} } | "vault" is no upstream authority of this program, expected disk or spire
            NodeAttestor "join_token" { plugin_data {} } | UpstreamAuthority "disk" { plugin_data {} } | key_file_path: is missing
            NodeAttestor "join_token" { plugin_data {} } | UpstreamAuthority "spire" { plugin_data { server_port = "0" } } | "0" is no port
            NodeAttestor "join_token" { plugin_data {} } | UpstreamAuthority "spire" { plugin_data { experimental { require_pq_kem = true } } } | experimental.require_pq_kem: is not supported
            DataStore "sql"                         | DataStore "nosql"                           | "nosql" is no datastore of this program, expected sql
            "/data/db"                              | ":memory:"                                  | expected the path of a file
            "/data/db"                              | "/data/db", ro_connection_string = "x"      | a replica that lags behind
            "/data/db"                              | "/data/db", disable_migration = true        | disable_migration: is not supported with sqlite3
            "/data/db"                              | "/data/db", max_open_conns = "many"         | "many" was found, expected a whole number
            "/data/db"                              | "/data/db", root_ca_path = "/ca.pem"      | is a setting for mysql
            database_type = "sqlite3"               | database_type = "mysql"                     | "mysql" is a database of the original that is not supported here
            database_type = "sqlite3"               | database_type "aws_postgres" { region = "x" } | "aws_postgres" is a database of the original that is not supported here
            database_type = "sqlite3"               | database_type = "oracle"                    | "oracle" was found, expected sqlite3 or postgres
            data_dir = "/data"                      | data_dir = "/data", profiling_enabled = true | is a setting of the original
            data_dir = "/data"                      | data_dir = "/data", ratelimit { signing = 1 } | "1" is no boolean
            trust_domain = "example.org"            | trust_domain = "Example.org"                | trust_domain
            """)
    void whatIsNotSupportedIsRefusedByName(String good, String bad, String words) {
        var all = problems(LEAST.replace(good, bad.replace(", ", "\n")));

        assertTrue(all.contains(words), all);
    }

    @Test
    void aDatabaseThatServersShare() throws Exception {
        var config = read(LEAST.replace("sqlite3", "postgres").replace("\"/data/db\"", """
                "postgres://spire:s3cret@db:5433/spire?sslmode=verify-full"
                max_open_conns = 7
                max_idle_conns = 3
                conn_max_lifetime = "5m"
                disable_migration = true
                """), Map.of());

        var database = assertInstanceOf(
                DatabaseSettings.Postgresql.class, config.datastore().database());
        assertEquals("postgres://spire@db:5433/spire", database.connection().toString());
        assertEquals(new DatabaseSettings.Pool(7, 3, Optional.of(Duration.ofMinutes(5))), database.pool());
        assertFalse(database.migrate());
    }

    @Test
    void whatIsSaidOfPoolsIsTakenForAFileAndChangesNothing() throws Exception {
        var config = read(LEAST.replace("\"/data/db\"", """
                "/data/db"
                max_open_conns = 100
                max_idle_conns = 2
                disable_migration = false
                """), Map.of());

        assertEquals(
                new DatabaseSettings.Sqlite(Path.of("/data/db")),
                config.datastore().database());
        assertEquals(2, config.notices().size(), config.notices()::toString);
        assertTrue(
                config.notices()
                        .getFirst()
                        .startsWith("line 8 of the configuration: max_open_conns has no effect with sqlite3"),
                config.notices()::toString);
    }

    @Test
    void whereTheDatabaseIsMissingTheRestIsKnownAllTheSame() {
        assertEquals(
                "server.conf:7: plugins.DataStore \"sql\".plugin_data.connection_string: is missing, expected one like"
                        + " \"host=db dbname=spire user=spire\"",
                problems(LEAST.replace("sqlite3", "postgres").replace("\"/data/db\"", """
                        ""
                        max_open_conns = 7
                        max_idle_conns = 3
                        conn_max_lifetime = "5m"
                        disable_migration = true
                        """)));
    }

    @Test
    void noProblemRepeatsAPassword() {
        for (var bad :
                List.of("password=s3cret nonsense", "postgres://u:s3cret@db:port/x", "postgres://u:s3cret@[db/x")) {
            var words = problems(LEAST.replace("sqlite3", "postgres").replace("/data/db", bad));
            assertFalse(words.contains("s3cret"), words);
        }
    }

    @Test
    void poolsThatCannotBeAreRefused() {
        var words = problems(LEAST.replace("sqlite3", "postgres").replace("\"/data/db\"", """
                "dbname=spire"
                max_open_conns = 0
                max_idle_conns = -1
                conn_max_lifetime = "1s"
                """));

        assertTrue(words.contains("max_open_conns: 0 was found, expected 1 or more"), words);
        assertTrue(words.contains("max_idle_conns: -1 was found, expected 0 or more"), words);
        assertTrue(words.contains("conn_max_lifetime: 1s was found, expected at least 30s"), words);
    }

    @Test
    void withoutTheTwoBlocksThereIsNoServer() {
        assertTrue(problems("").contains("expected a block server { … }"));
        assertTrue(problems("server {\n trust_domain = \"a\"\n data_dir = \"x\"\n}")
                .contains("plugins: is missing"));
    }
}
