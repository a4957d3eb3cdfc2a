// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.server.config.ServerConfig.Endpoint;
import io.countersign.server.config.ServerConfig.Federation;
import io.countersign.server.config.ServerConfig.Serving;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of other trust domains, their bundles and the relationships with them. */
@Timeout(60)
class FederationCommandsTest {
    private static final String BLOCK = """
            Trust domain              : web.test
            Bundle endpoint URL       : https://127.0.0.1:1/bundle
            Bundle endpoint profile   : https_web
            """;

    @TempDir
    Path folder;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        var endpoint = new Endpoint(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Duration.ofMinutes(5),
                new Serving.OwnSvid());
        server = TestServer.start(
                folder, config -> TestConfig.federation(config, new Federation(Optional.of(endpoint), Map.of())));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Output run(String words) {
        return Output.of(server, words);
    }

    /** The own bundle, which does for any trust domain. */
    private Path bundle(String format) throws Exception {
        var file = folder.resolve("bundle." + format);
        Files.writeString(file, run("bundle show -format " + format).out());
        return file;
    }

    @Test
    void aBundleIsSetListedAndDeleted() throws Exception {
        var pem = run("bundle show").out();
        assertEquals("1 bundle\n", run("bundle count").out());
        assertEquals("", run("bundle list").out());

        assertEquals(
                new Output(0, "bundle set.\n", ""), run("bundle set -id spiffe://other.test -path " + bundle("pem")));
        assertEquals(
                "bundle set.\n",
                run("bundle set -id third.test -format spiffe -path " + bundle("spiffe"))
                        .out());

        var line = "*".repeat(40);
        assertEquals(
                line + "\n* other.test\n" + line + "\n" + pem + "\n" + line + "\n* third.test\n" + line + "\n" + pem,
                run("bundle list").out());
        assertEquals(pem, run("bundle list -id other.test").out());
        assertTrue(run("bundle list -format spiffe -id third.test").out().contains("\"use\": \"jwt-svid\""));
        assertTrue(run("bundle list -output json").out().startsWith("{\"bundles\":[{\"jwt_authorities\":[],"));
        assertEquals("3 bundles\n", run("bundle count").out());
        assertEquals("{\"count\":3}\n", run("bundle count -output json").out());
        assertEquals("bundle deleted.\n", run("bundle delete -id other.test").out());
        assertEquals(
                new Output(1, "", "Error: failed to delete federated bundle \"other.test\": bundle not found\n"),
                run("bundle delete -id other.test"));
        assertEquals(
                "Error: rpc error: code = NotFound desc = bundle not found\n",
                run("bundle list -id other.test").err());
    }

    @Test
    void aBundleThatIsUsedIsDeletedInTheModeThatIsNamed() throws Exception {
        var _ = run("bundle set -id other.test -path " + bundle("pem"));
        var entry = "entry create -spiffeID spiffe://example.org/x -parentID spiffe://example.org/p -selector a:b"
                + " -federatesWith spiffe://other.test";
        assertTrue(run(entry).out().contains("FederatesWith           : other.test\n"));

        assertTrue(run("bundle delete -id other.test").err().contains("federated with 1 registration entries"));
        assertEquals(
                "bundle deleted.\n",
                run("bundle delete -id other.test -mode dissociate").out());
        assertEquals("1 registration entry\n", run("entry count").out());
    }

    @Test
    void aBundleThatCannotBeReadIsRefused() throws Exception {
        var broken = folder.resolve("broken");
        Files.writeString(broken, "{}");

        assertEquals("Error: id flag is required\n", run("bundle set").err());
        assertEquals("Error: id is required\n", run("bundle delete").err());
        assertEquals(
                "Error: unsupported mode \"x\"; expected restrict, delete or dissociate\n",
                run("bundle delete -id a -mode x").err());
        assertEquals(
                "Error: invalid format: \"x\"; expected pem or spiffe\n",
                run("bundle set -id a -format x").err());
        assertTrue(run("bundle set -id other.test -path " + folder.resolve("none"))
                .err()
                .startsWith("Error: unable to load bundle data: open "));
        assertTrue(run("bundle set -id other.test -path " + broken)
                .err()
                .startsWith("Error: unable to parse bundle data: "));
        assertTrue(run("bundle set -id other.test -format spiffe -path " + broken)
                .err()
                .startsWith("Error: unable to parse to spiffe bundle: "));
        assertEquals(
                "Error: failed to set federated bundle: setting a federated bundle for the server's own trust domain is"
                        + " not allowed\n",
                run("bundle set -id example.org -path " + bundle("pem")).err());
    }

    @Test
    void aRelationshipIsCreatedShownUpdatedAndDeleted() throws Exception {
        var flags = " -trustDomain web.test -bundleEndpointURL https://127.0.0.1:1/bundle";
        assertEquals(
                new Output(0, "\n" + BLOCK, ""), run("federation create -bundleEndpointProfile https_web" + flags));
        assertEquals(
                new Output(
                        1,
                        "\n",
                        "Failed to create the following federation relationship (code: AlreadyExists, msg: \"failed to"
                                + " create federation relationship: there is one with trust domain \\\"web.test\\\""
                                + " already; update it instead\"):\n" + BLOCK
                                + "Error: failed to create one or more federation relationships\n"),
                run("federation create -bundleEndpointProfile https_web" + flags));
        assertEquals(
                "Found 1 federation relationship\n\n" + BLOCK,
                run("federation list").out());
        assertEquals(
                "Found a federation relationship with trust domain web.test:\n\n" + BLOCK,
                run("federation show -trustDomain web.test").out());

        assertEquals(
                "\n" + BLOCK.replace("https_web", "https_spiffe")
                        + "Endpoint SPIFFE ID        : spiffe://web.test/spire/server\n",
                run("federation update -bundleEndpointProfile https_spiffe -endpointSpiffeID"
                                + " spiffe://web.test/spire/server" + flags)
                        .out());
        assertTrue(run("federation show -output json -trustDomain web.test")
                .out()
                .contains("\"https_spiffe\":{\"endpoint_spiffe_id\":\"spiffe://web.test/spire/server\"}"));
        assertEquals(
                "federation relationship deleted.\n",
                run("federation delete -id web.test").out());
        assertEquals(
                new Output(
                        1,
                        "",
                        "Error: failed to delete federation relationship \"web.test\": federation relationship not"
                                + " found\n"),
                run("federation delete -id web.test"));
        assertEquals(
                "Found 0 federation relationships\n", run("federation list").out());
        assertEquals(
                "Error: error showing federation relationship: rpc error: code = NotFound desc = federation"
                        + " relationship does not exist\n",
                run("federation show -trustDomain web.test").err());
    }

    @Test
    void aBundleIsRefreshed() throws Exception {
        var flags = " -trustDomain other.test -bundleEndpointProfile https_spiffe"
                + " -endpointSpiffeID spiffe://other.test/spire/server";
        assertEquals(
                "Error: there is no federation relationship with trust domain \"other.test\"\n",
                run("federation refresh -id other.test").err());
        var _ = run("federation create -bundleEndpointURL https://127.0.0.1:1/" + flags);
        assertTrue(run("federation refresh -id other.test")
                .err()
                .startsWith("Error: failed to refresh bundle: rpc error: code = Internal desc = failed to refresh"
                        + " bundle: "));

        // the own endpoint under another name: what it is called is not its business
        var _ = run("federation create -trustDomain twin.test -bundleEndpointProfile https_spiffe -endpointSpiffeID"
                + " spiffe://example.org/spire/server -bundleEndpointURL https://127.0.0.1:" + server.bundlePort());
        assertEquals(new Output(0, "Bundle refreshed\n", ""), run("federation refresh -id twin.test"));
        assertEquals(
                "{\"code\":0,\"message\":\"OK\"}\n",
                run("federation refresh -output json -id twin.test").out());
        assertEquals(run("bundle show").out(), run("bundle list -id twin.test").out());
    }

    @Test
    void relationshipsComeFromAFile() throws Exception {
        var file = folder.resolve("relationships.json");
        var pem = Files.readString(bundle("pem")).replace("\n", "\\n");
        Files.writeString(file, """
                {"federationRelationships": [
                  {"trustDomain": "web.test", "bundleEndpointURL": "https://127.0.0.1:1/bundle",
                   "bundleEndpointProfile": "https_web",
                   "trustDomainBundle": "%s", "trustDomainBundleFormat": "pem"},
                  {"trustDomain": "spiffe.test", "bundleEndpointURL": "https://127.0.0.1:1/",
                   "bundleEndpointProfile": "https_spiffe", "endpointSPIFFEID": "spiffe://spiffe.test/x",
                   "trustDomainBundle": %s, "trustDomainBundleFormat": "spiffe"}]}
                """.formatted(pem, Files.readString(bundle("spiffe"))));

        var created = run("federation create -data " + file);

        assertEquals(0, created.code(), created::err);
        assertTrue(created.out().startsWith("\n" + BLOCK + "\nTrust domain              : spiffe.test\n"));
        assertEquals("3 bundles\n", run("bundle count").out());
        assertTrue(run("federation create -trustDomain a -data " + file)
                .err()
                .contains("cannot use other flags to specify relationship fields when 'data' flag is set"));
        Files.writeString(file, "{\"federationRelationships\": [{\"trustDomain\": \"web.test\"}]}");
        assertEquals(
                "Error: could not parse item 0: bundle endpoint URL is required\n",
                run("federation create -data " + file).err());
    }

    @Test
    void namesInAFileMatchWhateverTheirCaseAndOthersAreRefused() throws Exception {
        var file = folder.resolve("relationships.json");
        var good = """
                {"FederationRelationships": [
                  {"TrustDomain": "web.test", "bundleEndpointUrl": "https://127.0.0.1:1/bundle",
                   "bundleendpointprofile": "https_web", "trustDomainBundle": null}]}
                """;
        Files.writeString(file, good);
        assertEquals(new Output(0, "\n" + BLOCK, ""), run("federation create -data " + file));

        Files.writeString(file, good.replace("trustDomainBundle\": null", "trustDomainBundel\": \"x\""));
        assertEquals(
                "Error: could not parse item 0: unknown member \"trustDomainBundel\", did you mean trustDomainBundle?\n",
                run("federation update -data " + file).err());
    }

    @Test
    void whatIsMissingIsSaid() {
        assertEquals(
                "Error: trust domain is required\n", run("federation create").err());
        assertEquals("Error: id is required\n", run("federation delete").err());
        assertEquals("Error: id is required\n", run("federation refresh").err());
        assertEquals(
                "Error: a trust domain name is required\n",
                run("federation show").err());
        assertEquals(
                "Error: unknown bundle endpoint profile type: \"\"; expected https_web or https_spiffe\n",
                run("federation update -trustDomain a -bundleEndpointURL b").err());
        assertEquals(
                "Error: endpoint SPIFFE ID is required if 'https_spiffe' endpoint profile is set\n",
                run("federation create -trustDomain a -bundleEndpointURL b -bundleEndpointProfile https_spiffe")
                        .err());
    }
}
