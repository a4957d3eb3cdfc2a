// SPDX-License-Identifier: Apache-2.0
package io.countersign.intruder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.launch.env.Environment;
import io.countersign.launch.env.EnvironmentException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IntruderSettingsTest {
    @Test
    void anEmptyEnvironmentGivesTheDefaults() {
        var settings = IntruderSettings.read(new Environment(Map.of("PATH", "/bin", "TARGET_HOST", "")));

        assertEquals("127.0.0.1", settings.listenHost());
        assertEquals(8082, settings.port());
        assertEquals(TestAuthority.FRONTEND, settings.frontend());
        assertEquals(TestAuthority.BACKEND, settings.sidecar().id());
        assertEquals("backend.demo.svc.cluster.local", settings.sidecar().host());
        assertEquals(TestAuthority.POSTGRES, settings.login().server().id());
        assertEquals("demouser", settings.login().role());
        assertEquals(TestAuthority.BACKEND, settings.login().holder());
    }

    @Test
    void allWrongVariablesAreInOneReport() {
        var environment = new Environment(Map.of(
                "LISTEN_PORT", "0",
                "SPIFFE_ENDPOINT_SOCKET", "tcp://127.0.0.1:8081",
                "TARGET_PORT", "https",
                "TARGET_HOSTT", "localhost",
                "POSTGRES_PASSWORD", "secret",
                "POSTGRES_PORTT", "5432",
                "POSTGRES_SPIFFE_ID", "postgres",
                "FRONTEND_SPIFFE_ID", "spiffe://Example.org/x",
                "LOG_LEVEL", "loud"));

        var problems = assertThrows(EnvironmentException.class, () -> IntruderSettings.read(environment))
                .problems();

        var named = problems.stream()
                .map(problem -> problem.split("[= ]", 2)[0])
                .sorted()
                .toList();
        assertEquals(
                List.of(
                        "FRONTEND_SPIFFE_ID",
                        "LISTEN_PORT",
                        "LOG_LEVEL",
                        "POSTGRES_PASSWORD",
                        "POSTGRES_PORTT",
                        "POSTGRES_SPIFFE_ID",
                        "SPIFFE_ENDPOINT_SOCKET",
                        "TARGET_HOSTT",
                        "TARGET_PORT"),
                named,
                problems::toString);
    }
}
