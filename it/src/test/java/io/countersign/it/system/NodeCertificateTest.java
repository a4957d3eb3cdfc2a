// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import io.countersign.it.process.Await;
import io.countersign.it.process.Side;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An agent of one side proves itself to a server of the other by a certificate from elsewhere ({@code x509pop}), gets what
 * its selectors give it, and comes back by itself when its certificate runs out.
 */
@Tag("foreign")
class NodeCertificateTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Path folder;

    @BeforeEach
    void create() throws Exception {
        folder = RunningSystem.newFolder();
    }

    @AfterEach
    void delete() throws Exception {
        new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
    }

    @ParameterizedTest(name = "agent {1} at server {0} with {2}")
    @CsvSource({
        "OURS,ORIGINAL,EC,256",
        "OURS,ORIGINAL,RSA,2048",
        "ORIGINAL,OURS,EC,384",
        "ORIGINAL,OURS,RSA,3072",
        "OURS,OURS,EC,256",
        "ORIGINAL,ORIGINAL,EC,256"
    })
    void aCertificateFromElsewhereMakesANode(Side server, Side agent, String algorithm, int size) throws Exception {
        var certificates = NodeCertificates.write(folder, algorithm, size);
        try (var tier = Tier.attested(server, agent, certificates, folder.resolve("tier"))) {
            tier.register("/workload");

            var before = node(tier);
            assertEquals("x509pop", before.get("attestation_type").getAsString());
            assertEquals(
                    "/spire/agent/x509pop/node-one",
                    before.getAsJsonObject("id").get("path").getAsString());
            assertEquals(
                    Set.of(
                            "x509pop:subject:cn:Node.One",
                            "x509pop:serialnumber:0abc",
                            "x509pop:san:zone:eu/west",
                            "x509pop:ca:fingerprint:"
                                    + certificates.fingerprints().getFirst(),
                            "x509pop:ca:fingerprint:"
                                    + certificates.fingerprints().getLast()),
                    selectors(before));
            Await.until(
                    PATIENCE,
                    "the node does not come back",
                    () -> !serial(node(tier)).equals(serial(before)));
            assertEquals(selectors(before), selectors(node(tier)));
            assertEquals("/workload", tier.svid().id().path());
        }
    }

    private static JsonObject node(Tier tier) throws Exception {
        return tier.json("agent", "list").getAsJsonArray("agents").get(0).getAsJsonObject();
    }

    private static String serial(JsonObject node) {
        return node.get("x509svid_serial_number").getAsString();
    }

    private static Set<String> selectors(JsonObject node) {
        return node.getAsJsonArray("selectors").asList().stream()
                .map(each -> each.getAsJsonObject().get("type").getAsString() + ":"
                        + each.getAsJsonObject().get("value").getAsString())
                .collect(Collectors.toSet());
    }
}
