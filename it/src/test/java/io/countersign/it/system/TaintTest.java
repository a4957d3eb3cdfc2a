// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.it.process.Await;
import io.countersign.it.process.Side;
import io.countersign.spiffe.x509.X509SvidException;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** An operator gives up an authority by commands, and the agent replaces what it has signed before it goes. */
class TaintTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void whatATaintedAuthorityHasSignedIsReplacedBeforeItIsRevoked() throws Exception {
        var folder = RunningSystem.newFolder();
        try (var tier = Tier.root(Side.OURS, folder)) {
            tier.register("/workload");
            var before = tier.svid();

            var former = tier.replaceAuthority();
            var _ = tier.command("localauthority", "x509", "taint", "-authorityID", former);
            Await.until(
                    PATIENCE,
                    "the certificate stays",
                    () -> !tier.svid().serialNumberHex().equals(before.serialNumberHex()));
            var _ = tier.command("localauthority", "x509", "revoke", "-authorityID", former);

            var bundle = tier.bundle();
            assertEquals(1, bundle.x509Authorities().size());
            assertEquals(before.id(), X509SvidValidator.verify(tier.svid().chain(), bundle, Instant.now()));
            assertThrows(
                    X509SvidException.class, () -> X509SvidValidator.verify(before.chain(), bundle, Instant.now()));
        } finally {
            new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
        }
    }
}
