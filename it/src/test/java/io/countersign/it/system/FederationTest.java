// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.it.process.Await;
import io.countersign.it.process.Side;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two trust domains federate, each with its own server and agent, and a workload of each verifies the identity of the
 * other's. Bundles are carried over by hand once; from then on the servers fetch them from each other.
 */
class FederationTest {
    @TempDir
    Path folder;

    @Test
    void twoOfOurs() throws Exception {
        federate(Side.OURS, Side.OURS);
    }

    @Test
    @Tag("foreign")
    void oursAndTheOriginal() throws Exception {
        federate(Side.OURS, Side.ORIGINAL);
    }

    private void federate(Side one, Side two) throws Exception {
        try (var here = new FederatedDomain(one, "here.test", folder.resolve("a"));
                var there = new FederatedDomain(two, "there.test", folder.resolve("b"))) {
            // one has the relationship in its file, the other by a call
            here.startServer(there.asFederatesWith());
            there.startServer("");
            here.trust(there);
            there.trust(here);
            there.done(
                    "federation",
                    "create",
                    "-trustDomain",
                    here.name.name(),
                    "-bundleEndpointURL",
                    "https://127.0.0.1:" + here.endpointPort,
                    "-bundleEndpointProfile",
                    "https_spiffe",
                    "-endpointSpiffeID",
                    here.name.idString() + "/spire/server");
            refreshed(here, there);
            refreshed(there, here);
            here.startAgent(there);
            there.startAgent(here);

            var ours = here.workload(there);
            var theirs = there.workload(here);

            var now = Instant.now();
            var ourId = ours.defaultSvid().id();
            var theirId = theirs.defaultSvid().id();
            assertEquals("spiffe://here.test/workload", ourId.toString());
            assertEquals("spiffe://there.test/workload", theirId.toString());
            assertEquals(ourId, X509SvidValidator.verify(ours.defaultSvid().chain(), theirs, now));
            assertEquals(theirId, X509SvidValidator.verify(theirs.defaultSvid().chain(), ours, now));
        }
    }

    /** Fetched, not only set by hand: of the hint an operator has said nothing. */
    private static void refreshed(FederatedDomain at, FederatedDomain of) {
        Await.until(Duration.ofSeconds(60), at.name + " does not fetch the bundle of " + of.name, () -> {
            at.done("federation", "refresh", "-id", of.name.idString());
            return at.done("bundle", "list", "-id", of.name.idString(), "-format", "spiffe")
                    .contains("\"spiffe_refresh_hint\": 300");
        });
    }
}
