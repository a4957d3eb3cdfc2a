// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.bootstrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.sidecar.bootstrap.BootstrapFile.NodeOverride;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
