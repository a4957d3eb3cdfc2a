// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.sidecar.bootstrap.BootstrapException;
import io.countersign.sidecar.bootstrap.BootstrapFile;
import io.countersign.sidecar.bootstrap.BootstrapFile.NodeOverride;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A frontend's sidecar whose identity and authorities stand in its own file. */
@Timeout(60)
class InlineSecretTest {
    private static final String WHERE = "tls_certificates[0].private_key";

    @TempDir
    Path folder;

    private final TestAuthority authority = new TestAuthority();
    private final TestAuthority.Issued identity = authority.issue(Hop.FRONTEND);

    /** @param chain how the part is said, in flow style; so are the others */
    private static String file(String chain, String key, String trusted, int port) {
        return PlainFile.of("timeout: 20s", """
                transport_socket:
                      name: tls
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                        common_tls_context:
                          tls_certificates: [{certificate_chain: %s, private_key: %s}]
                          validation_context:
                            trusted_ca: %s
                            match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: "%s"}}]""".formatted(chain, key, trusted, Hop.BACKEND), port);
    }

    private static String text(String pem) {
        return "{inline_string: \"" + pem.replace("\n", "\\n") + "\"}";
    }

    private static String bytes(String pem) {
        return "{inline_bytes: " + base64(pem) + "}";
    }

    private static String base64(String pem) {
        return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
    }

    /** What of a key is nowhere else. */
    private String secret() {
        return identity.keyPem().lines().toList().get(1);
    }

    @Test
    void identityInTheFileIsShownAndItsKeyIsNot() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var agent = hop.bareAgent("a");
            agent.trust("example.org", authority);
            agent.identity(authority.issue(Hop.BACKEND));
            var backend = hop.backend("a", yaml -> yaml);
            int port = backend.address("inbound").orElseThrow().getPort();

            for (var key : List.of(text(identity.keyPem()), bytes(identity.keyPem()))) {
                var frontend = hop.start(
                        file(text(identity.certificatePem()), key, bytes(authority.pem()), port), yaml -> yaml);

                assertEquals(200, hop.get(frontend, "/").statusCode());
                var dump = hop.admin(frontend, "/config_dump");
                assertFalse(dump.contains(secret()), dump);
                assertFalse(dump.contains(base64(identity.keyPem())), dump);
                assertTrue(dump.contains("[redacted]") || dump.contains("W3JlZGFjdGVkXQ=="), dump);
                var certificates = hop.admin(frontend, "/certs");
                assertTrue(certificates.contains("expiration_time"), certificates);
                assertTrue(certificates.contains(Hop.FRONTEND), certificates);
            }
        }
    }

    @Test
    void keyInAFileMayBelongToACertificateInTheSidecarsOwn() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var agent = hop.bareAgent("a");
            agent.trust("example.org", authority);
            agent.identity(authority.issue(Hop.BACKEND));
            var backend = hop.backend("a", yaml -> yaml);
            var key = Files.writeString(folder.resolve("key.pem"), identity.keyPem());
            var frontend = hop.start(
                    file(
                            text(identity.certificatePem()),
                            "{filename: " + key + "}",
                            text(authority.pem()),
                            backend.address("inbound").orElseThrow().getPort()),
                    yaml -> yaml);

            assertEquals(200, hop.get(frontend, "/").statusCode());
        }
    }

    @Test
    void whatIsNoKeyIsRefusedAndNotRepeated() {
        assertRefused("{inline_string: hunter2}", WHERE + ".inline_string", "has no -----BEGIN PRIVATE KEY-----");
        assertRefused("{inline_bytes: hunter2!}", WHERE + ".inline_bytes", "is no Base64");
        assertRefused("{inline_bytes: aHVudGVyMg}", WHERE + ".inline_bytes", "has no -----BEGIN PRIVATE KEY-----");
        assertRefused("{}", WHERE, "expected exactly one of filename, inline_string, inline_bytes");
        assertRefused(
                "{filename: key.pem, " + text(identity.keyPem()).substring(1),
                WHERE,
                "expected exactly one of filename");
    }

    private void assertRefused(String key, String path, String words) {
        var yaml = file(text(identity.certificatePem()), key, text(authority.pem()), 1);
        var refusal =
                assertThrows(BootstrapException.class, () -> BootstrapFile.parse(yaml, "test.yaml", NodeOverride.NONE));
        assertEquals(1, refusal.problems().size(), refusal.problems().toString());
        var problem = refusal.problems().getFirst();
        assertTrue(problem.path().endsWith(path), problem.path());
        assertTrue(problem.message().startsWith(words), problem.message());
        assertFalse(String.valueOf(refusal.getMessage()).contains("hunter2"), problem.message());
    }

    /** What logs may say of it. */
    @Test
    void settingsDoNotSayTheKey() {
        var yaml = file(text(identity.certificatePem()), text(identity.keyPem()), text(authority.pem()), 1);
        var bootstrap = BootstrapFile.parse(yaml, "test.yaml", NodeOverride.NONE);
        assertFalse(bootstrap.toString().contains(secret()));
    }
}
