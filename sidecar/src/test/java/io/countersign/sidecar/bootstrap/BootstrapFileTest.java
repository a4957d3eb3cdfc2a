// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.sidecar.bootstrap.BootstrapFile.NodeOverride;
import io.countersign.sidecar.bootstrap.TlsSettings.SecretRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BootstrapFileTest {
    private static final Path TEMPLATES = Path.of("../demo/stack/src/main/resources/io/countersign/stack");

    @ParameterizedTest
    @ValueSource(strings = {"frontend-envoy.yaml", "backend-envoy.yaml"})
    void filesOfTheDemoAreRead(String template) throws IOException {
        var bootstrap = parse(template(template));

        assertEquals(1, bootstrap.listeners().size());
        assertEquals(Set.of("agent", "backend"), bootstrap.clusters().keySet());
    }

    @Test
    void unknownFieldIsNamedWithPathAndLineAndTheLikelyMeaning() throws IOException {
        var text = template("backend-envoy.yaml")
                .replace("require_client_certificate: true", "require_client_certificates: true");

        var problems = refusal(text).problems();

        assertEquals(1, problems.size(), problems.toString());
        var problem = problems.getFirst();
        assertEquals(lineOf(text, "require_client_certificates"), problem.line());
        assertEquals(
                "static_resources.listeners[0].filter_chains[0].transport_socket.typed_config"
                        + ".require_client_certificates",
                problem.path());
        assertTrue(problem.message().contains("did you mean require_client_certificate?"), problem.message());
    }

    @Test
    void allProblemsComeInOneReport() throws IOException {
        var text = template("backend-envoy.yaml")
                .replaceFirst("type: STATIC\n", "type: STATIC\n      connect_timeout: soon\n")
                .replace("normalize_path: true", "tracing: {}")
                .replace("route: { cluster: backend }", "route: { cluster: elsewhere }");

        var message = String.valueOf(refusal(text).getMessage());

        assertTrue(message.contains("test.yaml:" + lineOf(text, "connect_timeout: soon") + ": "), message);
        assertTrue(message.contains("connect_timeout: is \"soon\", expected seconds"), message);
        assertTrue(message.contains("tracing"), message);
        assertTrue(message.contains("sends to cluster \"elsewhere\""), message);
    }

    @Test
    void networkConfigurationIsRefusedWithTheWayOut() {
        var message =
                String.valueOf(refusal("dynamic_resources: { cds_config: {} }").getMessage());

        assertTrue(message.startsWith("test.yaml:1: dynamic_resources: is not supported: "), message);
    }

    @Test
    void whatTakesEndpointsOutByTheirAnswersIsRefusedByName() throws IOException {
        var text = template("backend-envoy.yaml")
                .replaceFirst("type: STATIC\n", "type: STATIC\n      outlier_detection: { consecutive_5xx: 3 }\n");

        var problem = refusal(text).problems().getFirst();

        assertEquals(lineOf(text, "outlier_detection"), problem.line());
        assertEquals("static_resources.clusters[0].outlier_detection", problem.path());
        assertTrue(problem.message().contains("write health_checks"), problem.message());
    }

    @Test
    void theHighestNumbersStandForNoLimit() throws IOException {
        var limits = firstCluster(inFirstCluster("circuit_breakers: { thresholds: [{ max_connections: 1000000000,"
                        + " max_pending_requests: 4294967295, max_requests: 2147483648, max_retries: 0 }] }"))
                .limits();

        assertEquals(new Cluster.Limits(1_000_000_000L, 4_294_967_295L, 2_147_483_648L, 0), limits);
        assertRefused(
                inFirstCluster("circuit_breakers: { thresholds: [{ max_requests: 4294967296 }] }"),
                "max_requests",
                "clusters[0].circuit_breakers.thresholds[0].max_requests",
                "is \"4294967296\", expected a number from 0 to 4294967295");
    }

    @Test
    void unknownFieldThatIsLikeNoOtherIsToBeRemoved() throws IOException {
        var text = inFirstCluster("wait_for_warm_on_init: true");

        assertRefused(
                text,
                "wait_for_warm_on_init",
                "clusters[0].wait_for_warm_on_init",
                "is not supported by this sidecar; remove it");
    }

    @Test
    void buffersOfConnectionsHaveTheirLimit() throws IOException {
        var field = "per_connection_buffer_limit_bytes: ";
        assertEquals(256 << 10, firstCluster(template("backend-envoy.yaml")).bufferBytes());
        assertEquals(32_768, firstCluster(inFirstCluster(field + "32768")).bufferBytes());
        assertEquals(
                Integer.MAX_VALUE,
                firstCluster(inFirstCluster(field + "4294967295")).bufferBytes());
        var listener = template("backend-envoy.yaml")
                .replaceFirst("- name: inbound\n", "- name: inbound\n      " + field + "32768\n");
        assertEquals(32_768, parse(listener).listeners().getFirst().bufferBytes());
        assertRefused(
                inFirstCluster(field + "0"),
                "per_connection_buffer_limit_bytes",
                "clusters[0].per_connection_buffer_limit_bytes",
                "is 0, which is no limit; expected 1 or more");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "ecdh_curves: [P-255]; has \"P-255\", expected some of [X25519, P-256, P-384, ",
                "ecdh_curves: [\"X25519:p-256\"]; has \"p-256\", expected some of [X25519, ",
                "ecdh_curves: [\"[X25519\"]; has \"[X25519\", expected some of ",
                "cipher_suites: [ECDHE-ECDSA-AES128-GCM]; has \"ECDHE-ECDSA-AES128-GCM\", expected some of [ECDHE-ECDSA-",
                "cipher_suites: [\"[AES128-SHA|AES129-SHA]\"]; has \"AES129-SHA\", expected some of ",
                "cipher_suites: [\"-ALL:AES128-SHA\"]; has \"-ALL\", expected some of ",
                "cipher_suites: [ECDHE-PSK-AES128-CBC-SHA]; has \"ECDHE-PSK-AES128-CBC-SHA\", expected some of ",
                "cipher_suites: [TLS_AES_128_GCM_SHA256]; has \"TLS_AES_128_GCM_SHA256\" of TLS 1.3, whose suites are always used"
            })
    void namesOfTlsThatNobodyKnowsAreRefused(String field, String words) throws IOException {
        assertRefused(withTls(field), "tls_params", ".tls_params." + field.split(":", 2)[0], words);
    }

    @Test
    void suitesAndCurvesAreReadInTheFormsThatEnvoyTakes() throws IOException {
        var text =
                withTls("cipher_suites: [\"[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]:AES128-SHA\", "
                        + "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384], ecdh_curves: [\"X25519:P-256:P-521:P-384\"]");

        var tls = parse(text)
                .listeners()
                .getFirst()
                .allChains()
                .findFirst()
                .flatMap(chain -> chain.tls())
                .orElseThrow()
                .common();

        assertEquals(
                List.of(
                        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                        "TLS_RSA_WITH_AES_128_CBC_SHA",
                        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
                tls.ciphers());
        assertEquals(List.of("X25519", "P-256", "P-521", "P-384"), tls.groups());
    }

    @Test
    void limitsOfAPriorityThatNoRouteHasAreRefused() throws IOException {
        var one = inFirstCluster("circuit_breakers: { thresholds: [{ priority: default, max_requests: 1000 }] }");
        assertEquals(1000, firstCluster(one).limits().requests());

        var two = one.replace("}] }", "},\n        { priority: HIGH, max_requests: 10 }] }");
        var problems = refusal(two).problems();

        assertEquals(2, problems.size(), problems.toString());
        assertEquals("has 2 items, expected one", problems.getFirst().message());
        var high = problems.getLast();
        assertEquals(lineOf(two, "priority: HIGH"), high.line());
        assertEquals("static_resources.clusters[0].circuit_breakers.thresholds[1].priority", high.path());
        assertEquals(
                "is \"HIGH\", expected DEFAULT; remove this item, as no route here has another priority",
                high.message());
    }

    @Test
    void timesThatNobodyWaitsAreRefused() throws IOException {
        var longest = inFirstCluster("connect_timeout: 3153600000s");
        assertEquals(Duration.ofDays(36_500), firstCluster(longest).connectTimeout());

        for (var tooLong : List.of("3153600000.000000001s", "31536000000s", "9223372037s", "9".repeat(40) + "s")) {
            assertRefused(
                    inFirstCluster("connect_timeout: " + tooLong),
                    "connect_timeout",
                    "clusters[0].connect_timeout",
                    "is \"" + tooLong + "\", expected at most 3153600000s, a hundred years");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "key: x-bin, value: text | key | is \"x-bin\", but -bin stands for bytes; give it another name",
                "key: two words, value: text | key | is \"two words\", expected letters, digits, \"-\", \"_\" and \".\"",
                "key: \"\", value: text | key | is \"\", expected letters, digits, \"-\", \"_\" and \".\"",
                "key: x, value: naïve | value | has letters that gRPC does not send, expected printable ASCII"
            })
    void metadataThatCannotBeSentIsRefused(String item, String field, String words) throws IOException {
        var problems = refusal(withMetadata(item)).problems();

        // the same source of both secrets
        assertEquals(2, problems.size(), problems.toString());
        for (var problem : problems) {
            assertEquals(lineOf(withMetadata(item), "initial_metadata"), problem.line());
            assertTrue(problem.path().endsWith(".initial_metadata[0]." + field), problem.path());
            assertEquals(words, problem.message());
        }
    }

    @Test
    void namesOfMetadataAreMadeLowerCase() throws IOException {
        var secrets = BootstrapFile.secrets(parse(withMetadata("key: X-Tenant_1.a, value: one two")))
                .toList();

        assertEquals(2, secrets.size(), secrets.toString());
        for (var secret : secrets) {
            var metadata = assertInstanceOf(SecretRef.AtAgent.class, secret).metadata();
            assertEquals(Map.of("x-tenant_1.a", "one two"), metadata);
        }
    }

    @Test
    void nodeMayComeFromTheCommandLine() throws IOException {
        var text = template("backend-envoy.yaml").replaceFirst("(?m)^node:\\n.*\\n.*\\n", "");
        assertThrows(BootstrapException.class, () -> parse(text));

        var node = BootstrapFile.parse(text, "test.yaml", new NodeOverride("one", "two"))
                .node();

        assertEquals("one", node.id());
        assertEquals("two", node.cluster());
    }

    private static BootstrapException refusal(String text) {
        return assertThrows(BootstrapException.class, () -> parse(text));
    }

    private static Bootstrap parse(String text) {
        return BootstrapFile.parse(text, "test.yaml", NodeOverride.NONE);
    }

    /** The one thing that is wrong, in the line that has {@code part}. */
    private static void assertRefused(String text, String part, String path, String words) {
        var problems = refusal(text).problems();
        assertEquals(1, problems.size(), problems.toString());
        var problem = problems.getFirst();
        assertEquals(lineOf(text, part), problem.line());
        assertTrue(problem.path().endsWith(path), problem.path());
        assertTrue(problem.message().startsWith(words), problem.message());
    }

    private static String inFirstCluster(String field) throws IOException {
        return template("backend-envoy.yaml").replaceFirst("type: STATIC\n", "type: STATIC\n      " + field + "\n");
    }

    private static Cluster firstCluster(String text) {
        return Objects.requireNonNull(parse(text).clusters().get("agent"));
    }

    private static String withTls(String field) throws IOException {
        return template("backend-envoy.yaml").replace("tls_params: {", "tls_params: { " + field + ",");
    }

    private static String withMetadata(String item) throws IOException {
        var service = "- envoy_grpc: { cluster_name: agent }\n";
        return template("backend-envoy.yaml")
                .replace(service, service + " ".repeat(28) + "initial_metadata: [{ " + item + " }]\n");
    }

    private static int lineOf(String text, String part) {
        return (int) text.substring(0, text.indexOf(part)).lines().count();
    }

    private static String template(String name) throws IOException {
        return Files.readString(TEMPLATES.resolve(name))
                .replace("@AGENT_SOCKET@", "/tmp/agent.sock")
                .replaceAll("@[A-Z]+_PORT@", "1234")
                .replace("@UPSTREAM_HOST@", "127.0.0.1")
                .replace("@ACCESS_LOG@", "/dev/stdout")
                .replace("@TRUST_DOMAIN@", "example.org")
                .replace("@CONNECTION_LIFE@", "120")
                .replace("@IDLE_LIFE@", "60")
                .replaceAll("@[A-Z]+_ID@", "spiffe://example.org/someone");
    }
}
