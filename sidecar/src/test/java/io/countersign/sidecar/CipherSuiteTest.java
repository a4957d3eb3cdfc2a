// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is spoken in TLS 1.2: what the file names, or what Envoy speaks where it names nothing. */
@Timeout(60)
class CipherSuiteTest {
    private static final String OLD = ", cipher_suites: [ECDHE-ECDSA-AES128-SHA]";

    @TempDir
    Path folder;

    /** @param more fields of its {@code tls_params}, behind a comma */
    private static UnaryOperator<String> older(String more) {
        return yaml ->
                yaml.replaceAll("tls_params: .*", "tls_params: { tls_maximum_protocol_version: TLSv1_2" + more + " }");
    }

    private static Hop hop(Path folder) throws Exception {
        var hop = new Hop(folder, Hop::echoHeaders);
        hop.agent("a", Hop.BACKEND);
        hop.agent("b", Hop.FRONTEND);
        return hop;
    }

    @Test
    void suiteThatTheFileNamesIsSpoken() throws Exception {
        try (var hop = hop(folder)) {
            var backend = hop.backend("a", older(", cipher_suites: [ECDHE-ECDSA-AES256-GCM-SHA384]"));

            var seen = hop.get(hop.frontend("b", backend, older("")), "/").body();

            assertTrue(seen.contains("x-countersign-tls-version: TLSv1.2\n"), seen);
            assertTrue(seen.contains("x-countersign-tls-cipher: ECDHE-ECDSA-AES256-GCM-SHA384\n"), seen);
        }
    }

    @Test
    void oldSuiteIsSpokenOnlyIfTheFileNamesIt() throws Exception {
        try (var hop = hop(folder)) {
            var cautious = hop.backend("a", older(""));
            assertEquals(
                    503, hop.get(hop.frontend("b", cautious, older(OLD)), "/").statusCode());

            var lenient = hop.backend("a", older(OLD));
            var seen = hop.get(hop.frontend("b", lenient, older(OLD)), "/").body();
            assertTrue(seen.contains("x-countersign-tls-cipher: ECDHE-ECDSA-AES128-SHA\n"), seen);
        }
    }
}
