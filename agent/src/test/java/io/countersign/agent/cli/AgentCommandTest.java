// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import static io.countersign.agent.TestDomain.ABROAD;
import static io.countersign.agent.TestDomain.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.countersign.agent.FakeServer;
import io.countersign.agent.TestEndpoint;
import io.countersign.agent.TestEndpoint.Options;
import io.countersign.agent.server.ServerConnection;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that ask an agent on a real socket. */
final class AgentCommandTest {
    @TempDir
    private Path folder;

    private FakeServer server;
    private TestEndpoint endpoint;

    @BeforeEach
    void open() throws IOException {
        server = FakeServer.start();
        var node = server.domain.issue("/spire/agent/join_token/x");
        var channel = new ServerConnection("127.0.0.1", server.port(), HOME).asNode(() -> node, server.domain.bundle());
        endpoint = new TestEndpoint(folder, Options.standard(), channel, server.clock);
        server.change(server.entry("a", "/web"));
        endpoint.put(endpoint.entry("a", "/web", "internal", TestEndpoint.here(), ABROAD));
    }

    @AfterEach
    void close() throws Exception {
        endpoint.close();
        server.close();
    }

    private Outcome ask(String... words) {
        var all = new ArrayList<>(Arrays.asList(words));
        all.addAll(List.of("-socketPath", folder.resolve("agent.sock").toString()));
        if (words[0].equals("api")) {
            all.addAll(List.of("-timeout", "30s"));
        }
        return Outcome.run(all.toArray(String[]::new));
    }

    private static String succeeded(Outcome outcome) {
        assertEquals(0, outcome.code(), outcome::err);
        return outcome.out();
    }

    private static void assertFailed(String words, Outcome outcome) {
        assertEquals(1, outcome.code(), outcome::out);
        assertTrue(outcome.err().contains(words), outcome::err);
    }

    private static JsonObject object(String json) {
        return JsonParser.parseString(json).getAsJsonObject();
    }

    @Test
    void healthOfARunningAgent() {
        assertEquals("Agent is healthy.\n", succeeded(ask("healthcheck")));
        assertEquals(
                "Checking agent health...\nAgent is healthy.\n", succeeded(ask("healthcheck", "-verbose", "-shallow")));
    }

    @Test
    void ofAFlagThatIsGivenTwiceTheLastCounts() {
        var first = folder.resolve("nobody.sock").toString();
        assertEquals(new Outcome(0, "Agent is healthy.\n", ""), ask("healthcheck", "-socketPath", first));
    }

    @Test
    void missingAgentIsUnhealthy() {
        var missing = folder.resolve("nobody.sock").toString();
        assertEquals(
                new Outcome(1, "", "Agent is unhealthy: unable to determine health\n"),
                Outcome.run("healthcheck", "-socketPath=" + missing));
        assertFailed(
                "Failed to check health: rpc error: code = Unavailable desc = ",
                Outcome.run("healthcheck", "-verbose", "-socketPath=" + missing));
        assertFailed("rpc error: code = Unavailable desc = ", Outcome.run("api", "fetch", "-socketPath=" + missing));
    }

    @Test
    void certificatesInWords() {
        var words = succeeded(ask("api", "fetch", "x509"));
        assertTrue(words.startsWith("Received 1 svid after "), words);
        for (var line : List.of(
                "SPIFFE ID:\t\tspiffe://example.org/web\n",
                "Hint:\t\t\tinternal\n",
                "SVID Valid After:\t",
                "SVID Valid Until:\t",
                "CA #1 Valid After:\t",
                "[spiffe://abroad.org] CA #1 Valid Until:\t")) {
            assertTrue(words.contains(line), () -> line + " is not in\n" + words);
        }
        assertTrue(succeeded(ask("api", "fetch")).startsWith("Received 1 svid after "));
    }

    @Test
    void certificatesAsJson() throws Exception {
        var response = object(succeeded(ask("api", "fetch", "x509", "-output", "json")));

        var svid = response.getAsJsonArray("svids").get(0).getAsJsonObject();
        assertEquals("spiffe://example.org/web", svid.get("spiffe_id").getAsString());
        assertEquals("internal", svid.get("hint").getAsString());
        assertEquals(
                Base64.getEncoder()
                        .encodeToString(endpoint.held("a").svid().leaf().getEncoded()),
                svid.get("x509_svid").getAsString());
        assertEquals(
                Base64.getEncoder()
                        .encodeToString(endpoint.held("a").svid().privateKey().getEncoded()),
                svid.get("x509_svid_key").getAsString());
        assertEquals(
                List.of("spiffe://abroad.org"),
                List.copyOf(response.getAsJsonObject("federated_bundles").keySet()));
    }

    @Test
    void certificatesAsFiles() throws Exception {
        var target = folder.resolve("out");
        succeeded(ask("api", "fetch", "x509", "-write", target.toString(), "-silent"));

        assertEquals(
                List.of(endpoint.held("a").svid().leaf()),
                Pem.parseCertificates(Files.readAllBytes(target.resolve("svid.0.pem"))));
        assertEquals(
                endpoint.held("a").svid().privateKey(),
                Pem.parsePrivateKey(Files.readAllBytes(target.resolve("svid.0.key"))));
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve("svid.0.key"))));
        assertEquals(
                endpoint.home.bundle().x509Authorities(),
                Pem.parseCertificates(Files.readAllBytes(target.resolve("bundle.0.pem"))));
        assertEquals(
                endpoint.abroad.bundle().x509Authorities(),
                Pem.parseCertificates(Files.readAllBytes(target.resolve("federated_bundle.0.0.pem"))));
        assertFailed("-write is only available", ask("api", "fetch", "-write", "x", "-output", "json"));
    }

    @Test
    void tokens() {
        var words = succeeded(ask("api", "fetch", "jwt", "-audience", "x,y"));
        assertTrue(words.startsWith("token(spiffe://example.org/web):\n\tey"), words);
        assertTrue(words.contains("hint(spiffe://example.org/web):\n\tinternal\n"), words);
        assertTrue(words.contains("bundle(spiffe://abroad.org):\n\t{"), words);

        JsonArray both = JsonParser.parseString(
                        succeeded(ask("api", "fetch", "jwt", "-audience", "x", "-output", "json")))
                .getAsJsonArray();
        var svid = both.get(0).getAsJsonObject().getAsJsonArray("svids").get(0).getAsJsonObject();
        assertEquals("spiffe://example.org/web", svid.get("spiffe_id").getAsString());
        assertEquals(2, both.get(1).getAsJsonObject().getAsJsonObject("bundles").size());
        assertFailed("audience must be specified", ask("api", "fetch", "jwt"));
        assertFailed(
                "no identity issued",
                ask("api", "fetch", "jwt", "-audience", "x", "-spiffeID", "spiffe://example.org/other"));
    }

    @Test
    void refusedProgramIsShownTheIdByWhichAnOperatorFindsOutWhy() {
        endpoint.put(endpoint.entry("a", "/web", "", TestEndpoint.elsewhere()));
        var words = ask("api", "fetch", "x509").err();
        var id = endpoint.refused.last().getFirst().id();
        assertTrue(words.contains("desc = no identity issued; refusal " + id), words);
    }

    @Test
    void bundles() {
        var words = succeeded(ask("api", "fetch", "bundles"));
        assertTrue(words.contains("x509 bundle(spiffe://abroad.org):\n-----BEGIN CERTIFICATE-----"), words);
        assertTrue(words.contains("jwt bundle(spiffe://example.org):\n\t{"), words);

        var json = object(succeeded(ask("api", "fetch", "bundles", "-output=json")));
        assertEquals(2, json.size());
        assertEquals(
                Pem.certificates(endpoint.home.bundle().x509Authorities()),
                json.getAsJsonObject("spiffe://example.org")
                        .get("x509_authorities")
                        .getAsString());
    }

    @Test
    void validationOfATokenInWordsAndAsJson() {
        var token = endpoint.home.token(endpoint.home.id("/peer"), List.of("x"), Optional.empty());

        var words = succeeded(ask("api", "validate", "jwt", "-audience", "x", "-svid", token));
        assertTrue(words.startsWith("SVID is valid.\nSPIFFE ID : spiffe://example.org/peer\nClaims    : {"), words);

        var json =
                object(succeeded(ask("api", "validate", "jwt", "-audience", "x", "-svid", token, "-output", "json")));
        assertEquals("spiffe://example.org/peer", json.get("spiffe_id").getAsString());
        assertEquals(
                "x", json.getAsJsonObject("claims").getAsJsonArray("aud").get(0).getAsString());
        assertFailed("SVID is not valid: ", ask("api", "validate", "jwt", "-audience", "y", "-svid", token));
        assertFailed("svid must be specified", ask("api", "validate", "jwt", "-audience", "y"));
        assertFailed("expected pretty or json", ask("api", "fetch", "-output", "xml"));
    }

    @Test
    void configurationIsValidatedWithTheFlagsInFrontOfIt() throws Exception {
        var file = folder.resolve("agent.conf");
        Files.writeString(file, """
                agent {
                  server_address = "localhost"
                  trust_domain = "example.org"
                  insecure_bootstrap = true
                }
                plugins {
                  KeyManager "memory" { plugin_data {} }
                  NodeAttestor "join_token" { plugin_data {} }
                  WorkloadAttestor "unix" { plugin_data {} }
                }
                """);
        assertFailed("agent.server_port: is missing", Outcome.run("validate", "-config", file.toString()));
        assertEquals(
                "SPIRE agent configuration file is valid.\n",
                succeeded(Outcome.run("validate", "-config", file.toString(), "-serverPort", "8081")));
        assertFailed("-wrong", Outcome.run("validate", "-wrong"));
    }
}
