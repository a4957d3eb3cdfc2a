// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Secrets in files that say what an agent would answer. */
final class Documents {
    private static final String SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

    private final Ground ground;
    private final Path folder;
    private final Map<String, BigInteger> renewed = new HashMap<>();

    private Documents(Ground ground, Path folder) {
        this.ground = ground;
        this.folder = folder;
    }

    static Documents write(Ground ground) throws IOException {
        var documents = new Documents(ground, Files.createTempDirectory(ground.folder, "documents"));
        documents.identity();
        documents.trust("\"filename\": \"%s\"".formatted(ground.folder.resolve("bundle.pem")));
        return documents;
    }

    /** Authorities of the trust domain, in the place of those that there were. */
    void trust(List<X509Certificate> authorities) throws IOException {
        trust("\"inline_bytes\": \"%s\"".formatted(base64(Pem.certificates(authorities))));
    }

    private void trust(String source) throws IOException {
        put("trust.json", """
                {"resources": [{"@type": "%s", "name": "trust", "validation_context": {"custom_validator_config": {
                  "name": "envoy.tls.cert_validator.spiffe", "typed_config": {
                  "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig",
                  "trust_domains": [{"name": "example.org", "trust_bundle": {%s}}]}}}}]}
                """.formatted(SECRET, source));
    }

    Path folder() {
        return folder;
    }

    /** A new one, whose serial number is told. */
    BigInteger identity() throws IOException {
        var credential = ground.mint(Ground.BACKEND);
        identity(credential);
        return credential.chain().getFirst().getSerialNumber();
    }

    /** Sound or not. */
    void identity(Credential credential) throws IOException {
        put("identity.yaml", """
                resources:
                - "@type": %s
                  name: identity
                  tls_certificate:
                    certificate_chain: { inline_bytes: %s }
                    private_key: { inline_bytes: %s }
                """.formatted(SECRET, base64(credential.chainPem()), base64(credential.keyPem())));
    }

    /** Writes a new identity when this is first called with that word, and tells its serial number. */
    synchronized BigInteger renewed(String word) throws IOException {
        if (!renewed.containsKey(word)) {
            renewed.put(word, identity());
        }
        return renewed.get(word);
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Envoy looks only at what is moved into its place. */
    private void put(String name, String text) throws IOException {
        var beside = Files.writeString(folder.resolve(name + ".new"), text);
        Files.move(beside, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
}
