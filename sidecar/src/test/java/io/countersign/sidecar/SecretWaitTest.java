// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A start for which no agent is there. */
@Timeout(60)
class SecretWaitTest {
    @TempDir
    Path folder;

    @Test
    void timeIsOverForAllSecretsAtOnce() throws Exception {
        try (var hop = new Hop(folder, Hop::echoHeaders)) {
            var sidecar = hop.open(hop.backendFile("a")
                    // the anchor's other fields follow at the same depth
                    .replaceAll("(?m)^( +)resource_api_version: V3$", "$0\n$1initial_fetch_timeout: 3s"));

            assertTimeout(Duration.ofSeconds(5), sidecar::start);

            var waiting = hop.admin(sidecar, "/init_dump");
            assertTrue(waiting.contains("sds secret default"), waiting);
            assertTrue(waiting.contains("sds secret ROOTCA"), waiting);
        }
    }
}
