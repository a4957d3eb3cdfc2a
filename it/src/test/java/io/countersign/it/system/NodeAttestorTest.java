// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import io.countersign.it.process.Await;
import io.countersign.it.process.Side;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An agent of one side proves itself to a server of the other by what it has from elsewhere, gets what its entries give it,
 * and has a new certificate before its own runs out.
 */
@Tag("foreign")
class NodeAttestorTest {
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
        try (var tier = Tier.attested(server, agent, certificates.proof(), folder.resolve("tier"))) {
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

    @ParameterizedTest(name = "agent {1} at server {0} with {2}")
    @CsvSource({
        "OURS,ORIGINAL,rsa",
        "OURS,ORIGINAL,ecdsa",
        "ORIGINAL,OURS,rsa",
        "ORIGINAL,OURS,ecdsa",
        "ORIGINAL,OURS,ed25519",
        "OURS,OURS,ed25519"
    })
    void theCertificateOfAnSshHostMakesANode(Side server, Side agent, String algorithm) throws Exception {
        keygen("-q", "-t", "ed25519", "-N", "", "-f", "authority");
        keygen("-q", "-t", algorithm, "-N", "", "-f", "host");
        keygen("-q", "-s", "authority", "-h", "-I", "one", "-n", "node-one.tiers.test", "host.pub");
        var proof = NodeProof.of("sshpop", """
                cert_authorities_path = "%s/authority.pub"
                canonical_domain = "tiers.test"
                agent_path_template = "/{{ .PluginName }}/{{ .Hostname }}"
                """.formatted(folder), """
                host_key_path = "%1$s/host"
                host_cert_path = "%1$s/host-cert.pub"
                """.formatted(folder), "/sshpop/node-one");

        assertNode(server, agent, proof, "/sshpop/node-one", Set.of());
    }

    private void keygen(String... words) throws Exception {
        var command = new ArrayList<>(List.of("ssh-keygen"));
        command.addAll(List.of(words));
        var process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }

    @ParameterizedTest(name = "agent {1} at server {0}")
    @CsvSource({"OURS,ORIGINAL", "ORIGINAL,OURS", "OURS,OURS"})
    void theHostNameMakesANode(Side server, Side agent) throws Exception {
        var proof = NodeProof.of(
                "http_challenge",
                "allowed_dns_patterns = [\"^127[.]0[.]0[.]1$\"]",
                "hostname = \"127.0.0.1\"\nagentname = \"one\"",
                "/http_challenge/127.0.0.1");

        assertNode(server, agent, proof, "/http_challenge/127.0.0.1", Set.of("http_challenge:hostname:127.0.0.1"));
    }

    private void assertNode(Side server, Side agent, NodeProof proof, String path, Set<String> selectors)
            throws Exception {
        try (var tier = Tier.attested(server, agent, proof, folder.resolve("tier"))) {
            tier.register("/workload");

            var before = node(tier);
            assertEquals(proof.attestor(), before.get("attestation_type").getAsString());
            assertEquals(
                    "/spire/agent" + path,
                    before.getAsJsonObject("id").get("path").getAsString());
            assertEquals(selectors, selectors(before));
            Await.until(
                    PATIENCE,
                    "the node gets no new certificate",
                    () -> !serial(node(tier)).equals(serial(before)));
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
