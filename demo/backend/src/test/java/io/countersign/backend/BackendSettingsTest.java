// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.launch.env.Environment;
import io.countersign.launch.env.EnvironmentException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BackendSettingsTest {
    @Test
    void anEmptyEnvironmentGivesTheDefaultsOfTheContract() {
        var settings = BackendSettings.read(new Environment(Map.of("PATH", "/bin", "DB_HOST", "")));

        assertEquals(9090, settings.port());
        assertEquals("127.0.0.1", settings.listenHost());
        assertEquals("spiffe://example.org/ns/demo/sa/backend", settings.self().toString());
        assertEquals(
                "postgres.demo.svc.cluster.local", settings.database().address().host());
        assertEquals(10, settings.database().limits().open());
        assertEquals(5, settings.database().limits().idle());
        assertEquals(Duration.ofMinutes(2), settings.database().limits().life());
    }

    @Test
    void allWrongVariablesAreInOneReport() {
        var environment = new Environment(Map.of(
                "PORT", "http",
                "DB_PORT", "0",
                "DB_MAX_OPEN_CONNS", "2",
                "DB_MAX_IDLE_CONNS", "3",
                "DB_CONN_MAX_LIFETIME", "2 minutes",
                "DB_PASSWORD", "secret",
                "DB_HOSTT", "localhost",
                "SPIFFE_ID", "backend",
                "LOG_FORMAT", "xml"));

        var problems = assertThrows(EnvironmentException.class, () -> BackendSettings.read(environment))
                .problems();

        var named = problems.stream()
                .map(problem -> problem.split("[= ]", 2)[0])
                .sorted()
                .toList();
        assertEquals(
                List.of(
                        "DB_CONN_MAX_LIFETIME",
                        "DB_HOSTT",
                        "DB_MAX_IDLE_CONNS",
                        "DB_PASSWORD",
                        "DB_PORT",
                        "LOG_FORMAT",
                        "PORT",
                        "SPIFFE_ID"),
                named,
                problems::toString);
    }
}
