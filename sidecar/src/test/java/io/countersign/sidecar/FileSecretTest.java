// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A frontend's sidecar whose identity and authorities are files, before a backend's that has them from an agent. */
@Timeout(60)
class FileSecretTest {
    @TempDir
    Path folder;

    private String file(int port) {
        return PlainFile.of("timeout: 20s", """
                transport_socket:
                      name: tls
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                        common_tls_context:
                          tls_certificates: [{certificate_chain: {filename: %1$s/svid.pem}, private_key: {filename: %1$s/key.pem}}]
                          validation_context:
                            trusted_ca: {filename: %1$s/bundle.pem}
                            match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: "%2$s"}}]""".formatted(folder, Hop.BACKEND), port);
    }

    private void write(String name, String text) throws IOException {
        var beside = Files.writeString(folder.resolve(name + ".new"), text);
        Files.move(beside, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Its connections are renewed all the time. */
    private static String restless(String yaml) {
        return yaml.replace("max_connection_duration: 120s", "max_connection_duration: 0.1s");
    }

    private static int port(Sidecar backend) {
        return backend.address("inbound").orElseThrow().getPort();
    }

    @Test
    void renewedFilesAreUsedOnceTheyFitTogether() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            var backend = hop.backend("a", FileSecretTest::restless);
            var first = hop.authority.issue(Hop.FRONTEND);
            write("svid.pem", first.certificatePem());
            write("key.pem", first.keyPem());
            write("bundle.pem", hop.authority.pem());
            var frontend = hop.start(file(port(backend)), text -> text);
            assertEquals(200, hop.get(frontend, "/").statusCode());

            var second = hop.authority.issue("spiffe://example.org/renamed");
            write("svid.pem", second.certificatePem());
            Hop.await(
                    "the half that fits to nothing is noticed",
                    () -> stats(hop, frontend).contains("svid.pem.update_rejected: 1\n"));
            assertEquals(200, hop.get(frontend, "/").statusCode());

            write("key.pem", second.keyPem());
            Hop.await("the new identity", () -> stats(hop, frontend).contains("svid.pem.update_success: 2\n"));
            Hop.await("a connection with it", () -> status(hop, frontend) == 403);
        }
    }

    @Test
    void filesThatAreNotThereYetAreWaitedFor() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            hop.agent("a", Hop.BACKEND);
            var backend = hop.backend("a", FileSecretTest::restless);
            var frontend = hop.start(file(port(backend)), text -> text);
            assertEquals(503, hop.get(frontend, "/").statusCode());

            var identity = hop.authority.issue(Hop.FRONTEND);
            write("bundle.pem", hop.authority.pem());
            write("key.pem", identity.keyPem());
            write("svid.pem", identity.certificatePem());

            Hop.await("the identity", () -> status(hop, frontend) == 200);
        }
    }

    private static String stats(Hop hop, Sidecar sidecar) {
        try {
            return hop.admin(sidecar, "/stats");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static int status(Hop hop, Sidecar sidecar) {
        try {
            return hop.get(sidecar, "/").statusCode();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
