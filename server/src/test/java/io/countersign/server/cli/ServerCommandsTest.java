// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.x509.X509Svid;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of agents, tokens, bundles, minted identities and the server itself. */
@Timeout(60)
class ServerCommandsTest {
    @TempDir
    Path folder;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Output run(String words) {
        return Output.of(server, words);
    }

    @Test
    void aTokenIsPrinted() {
        var bare = run("token generate");
        var aliased = run("token generate -ttl 60 -spiffeID spiffe://example.org/node");

        assertTrue(bare.out().matches("Token: [0-9a-f-]{36}\nWarning: Missing SPIFFE ID.\n"), bare.out());
        assertTrue(aliased.out().matches("Token: [0-9a-f-]{36}\n"), aliased.out());
        assertTrue(run("token generate -output json")
                .out()
                .matches("\\{\"expires_at\":\"[0-9]+\",\"value\":\"[0-9a-f-]{36}\"}\n"));
        assertEquals(1, run("token generate -ttl 0").code());
    }

    @Test
    void agentsAreListedShownBannedAndEvicted() throws Exception {
        assertEquals("No attested agents found\n", run("agent list").out());
        assertEquals("0 attested agents\n", run("agent count").out());
        var svid = server.join();
        var leaf = svid.chain().getFirst();
        var lines = """
                SPIFFE ID         : %s
                Attestation type  : join_token
                Expiration time   : %s +0000 UTC
                Serial number     : %s
                Can re-attest     : false
                """.formatted(
                svid.id(),
                leaf.getNotAfter().toInstant().toString().replace('T', ' ').replace("Z", ""),
                leaf.getSerialNumber());

        assertEquals(
                "Found 1 attested agent:\n\n" + lines + "\n", run("agent list").out());
        assertEquals("1 attested agent\n", run("agent count").out());
        assertEquals("{\"count\":1}\n", run("agent count -output json").out());
        assertEquals("0 attested agents\n", run("agent count -banned true").out());
        assertEquals(
                "Found an attested agent given its SPIFFE ID\n\n" + lines + "\n",
                run("agent show -spiffeID " + svid.id()).out());
        assertTrue(run("agent show -output json -spiffeID " + svid.id())
                .out()
                .startsWith("{\"agent_version\":\"\",\"attestation_type\":\"join_token\",\"banned\":false,"));

        assertEquals(
                "Agent banned successfully\n",
                run("agent ban -spiffeID " + svid.id()).out());
        assertTrue(run("agent list").out().contains("Banned            : true\n"));
        assertEquals("1 attested agent\n", run("agent count -banned=true").out());
        assertEquals(
                "Agent evicted successfully\n",
                run("agent evict -spiffeID " + svid.id()).out());
        assertEquals(
                new Output(1, "", "Error: rpc error: code = NotFound desc = agent not found\n"),
                run("agent evict -spiffeID " + svid.id()));
    }

    @Test
    void theBundleIsShownInThreeForms() {
        var pem = run("bundle show").out();
        var document = run("bundle show -format spiffe").out();
        var json = run("bundle show -output json").out();

        assertTrue(pem.startsWith("-----BEGIN CERTIFICATE-----\n") && pem.endsWith("-----END CERTIFICATE-----\n"), pem);
        var parsed = TrustBundle.parse(TestConfig.DOMAIN, document.getBytes(StandardCharsets.UTF_8));
        assertEquals(server.bundle().x509Authorities(), parsed.x509Authorities());
        assertEquals(1, parsed.jwtAuthorities().size());
        assertTrue(document.startsWith("{\n    \"keys\": ["), document);
        assertTrue(json.startsWith("{\"jwt_authorities\":[{\"expires_at\":\""), json);
        assertEquals(
                "Error: invalid format: \"x\"; expected pem or spiffe\n",
                run("bundle show -format x").err());
    }

    @Test
    void aMintedCertificateIsPrintedOrWritten() throws Exception {
        // the command compares with the time that it is: a slow machine must not make the certificate look cut
        server.clock.advance(Duration.ofSeconds(50));
        var printed = run("x509 mint -spiffeID spiffe://example.org/m -dns a.example.org -ttl 2m");
        var written = run("x509 mint -spiffeID spiffe://example.org/m -write " + folder);
        var json = run("x509 mint -spiffeID spiffe://example.org/m -output json");

        assertTrue(
                printed.out()
                        .matches("(?s)X509-SVID:\n-----BEGIN CERT.*\nPrivate key:\n-----BEGIN PRIV.*\nRoot CAs:\n.*"),
                "not the three parts");
        assertEquals("", printed.err());
        assertEquals(
                "X509-SVID written to %1$s/svid.pem\nPrivate key written to %1$s/key.pem\nRoot CAs written to %1$s/bundle.pem\n"
                        .formatted(folder),
                written.out());
        var svid = X509Svid.parse(
                Files.readAllBytes(folder.resolve("svid.pem")), Files.readAllBytes(folder.resolve("key.pem")));
        assertEquals(TestConfig.id("/m"), svid.id());
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("key.pem"))));
        assertEquals(run("bundle show").out(), Files.readString(folder.resolve("bundle.pem")));
        assertTrue(json.out()
                .matches("\\{\"x509_svid\":\\[\"[^\"]+\"],\"private_key\":\"[^\"]+\",\"root_cas\":\\[\"[^\"]+\"]}\n"));
        assertEquals("Error: spiffeID must be specified\n", run("x509 mint").err());
    }

    @Test
    void aCertificateThatWasCutShortIsWarnedOf() {
        var output = run("x509 mint -spiffeID spiffe://example.org/m -ttl 999h");

        assertEquals(0, output.code());
        assertEquals(
                "X509-SVID lifetime was capped shorter than specified ttl; expires \""
                        + server.clock.instant().plus(server.config.lives().authority()) + "\"\n",
                output.err());
    }

    @Test
    void aMintedTokenIsPrintedOrWritten() throws Exception {
        var printed = run("jwt mint -spiffeID spiffe://example.org/m -audience a -audience b")
                .out();
        var file = folder.resolve("token");
        var written = run("jwt mint -spiffeID spiffe://example.org/m -audience a -write " + file)
                .out();

        assertEquals(List.of("a", "b"), JwtSvid.parseInsecure(printed.strip()).audience());
        assertEquals("JWT-SVID written to " + file + "\n", written);
        assertEquals(
                TestConfig.id("/m"),
                JwtSvid.parseInsecure(Files.readString(file)).id());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(
                "Error: at least one audience must be specified\n",
                run("jwt mint -spiffeID spiffe://example.org/m").err());
    }

    @Test
    void healthIsSaidInOneLine() {
        assertEquals(new Output(0, "Server is healthy.\n", ""), run("healthcheck"));
        assertEquals(
                "Checking server health...\nServer is healthy.\n",
                run("healthcheck -verbose").out());
        server.close();
        assertEquals(new Output(1, "", "Error: server is unhealthy: unable to determine health\n"), run("healthcheck"));
    }

    @Test
    void whereNoServerIsTheSocketIsNamed() {
        server.close();

        var output = run("entry show");

        assertEquals(1, output.code());
        assertTrue(
                output.err().startsWith("Error: error fetching entries: rpc error: code = Unavailable desc = "),
                output.err());
    }

    @Test
    void aFileIsValidatedWithoutStartingAServer() throws Exception {
        var file = folder.resolve("server.conf");
        Files.writeString(file, "server {\n  data_dir = \"x\"\n}\n");

        var invalid = Output.of("validate -config " + file + " -trustDomain example.org");
        assertEquals(1, invalid.code());
        assertTrue(
                invalid.err().startsWith("SPIRE server configuration file is invalid:\n" + file + ":"), invalid.err());
        assertTrue(invalid.err().contains("plugins: is missing"), invalid.err());

        Files.writeString(file, """
                server {
                  data_dir = "x"
                }
                plugins {
                  DataStore "sql" {
                    plugin_data { database_type = "sqlite3", connection_string = "x" }
                  }
                  KeyManager "memory" {}
                }
                """);
        assertEquals(
                new Output(0, "SPIRE server configuration file is valid.\n", ""),
                Output.of("validate -config " + file + " -trustDomain example.org"));
    }

    @Test
    void anUnknownCommandIsAnsweredWithTheKnownOnes() {
        var output = Output.of("entyr show");

        assertEquals(127, output.code());
        assertTrue(output.err().contains("entry") && output.err().contains("healthcheck"), output.err());
    }

    @Test
    void ofAFlagThatIsGivenTwiceTheLastCounts() {
        assertEquals(new Output(0, "{\"count\":0}\n", ""), run("agent count -output pretty -output json"));
    }
}
