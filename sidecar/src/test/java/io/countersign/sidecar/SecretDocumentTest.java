// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Secrets in files that say what an agent would answer. */
@Timeout(60)
class SecretDocumentTest {
    private static final String SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

    @TempDir
    Path folder;

    /** The demo's file with documents in the place of the agent. */
    private String documented(String yaml) {
        return yaml.replaceFirst(
                        "(?s)sds_config: &agent\n.*?envoy_grpc: \\{ cluster_name: agent \\}", source("identity.yaml"))
                .replace("sds_config: *agent", source("trust.json"));
    }

    private String source(String name) {
        return "sds_config: {resource_api_version: V3, path_config_source: {path: " + folder.resolve(name)
                + ", watched_directory: {path: " + folder + "}}}";
    }

    private void write(String name, String text) throws IOException {
        var beside = Files.writeString(folder.resolve(name + ".new"), text);
        Files.move(beside, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private void identity(TestAuthority.Issued issued) throws IOException {
        write("svid.pem", issued.certificatePem());
        write("identity.yaml", """
                resources:
                - "@type": %s
                  name: default
                  tls_certificate:
                    certificate_chain: {filename: %s}
                    private_key: {inline_bytes: %s}
                """.formatted(SECRET, folder.resolve("svid.pem"), base64(issued.keyPem())));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void trust(TestAuthority authority) throws IOException {
        write("bundle.pem", authority.pem());
        write("trust.json", """
                {"resources": [{"@type": "%s", "name": "ROOTCA", "validation_context": {"custom_validator_config": {
                  "name": "envoy.tls.cert_validator.spiffe", "typed_config": {
                  "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig",
                  "trust_domains": [{"name": "example.org", "trust_bundle": {"filename": "%s"}}]}}}}]}
                """.formatted(SECRET, folder.resolve("bundle.pem")));
    }

    @Test
    void documentsAreFollowed() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            identity(hop.authority.issue(Hop.BACKEND));
            trust(hop.authority);
            hop.agent("b", Hop.FRONTEND);
            var backend = hop.backend("a", this::documented);
            var frontend = hop.frontend("b", backend, text -> text);
            assertEquals(200, hop.get(frontend, "/").statusCode());

            identity(hop.authority.issue(Hop.BACKEND));
            Hop.await("the new one", () -> stats(hop, backend).contains("sds.default.update_success: 2\n"));
            assertEquals(200, hop.get(frontend, "/").statusCode());
        }
    }

    @Test
    void whatIsNoSecretIsSaidAndTheLastOneKept() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            identity(hop.authority.issue(Hop.BACKEND));
            trust(hop.authority);
            hop.agent("b", Hop.FRONTEND);
            var backend = hop.backend("a", this::documented);
            var frontend = hop.frontend("b", backend, text -> text);

            int rejected = 0;
            for (var wrong : new String[] {"[", "resources: []", "resources: {\"@type\": a/b.C}", "resorces: []"}) {
                write("identity.yaml", wrong);
                var counted = "sds.default.update_rejected: " + ++rejected + "\n";
                Hop.await(counted, () -> stats(hop, backend).contains(counted));
            }
            assertTrue(stats(hop, backend).contains("sds.default.update_success: 1\n"));
            assertEquals(200, hop.get(frontend, "/").statusCode());
        }
    }

    private static String stats(Hop hop, Sidecar sidecar) {
        try {
            return hop.admin(sidecar, "/stats");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
