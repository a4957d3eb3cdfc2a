// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.launch.env.Environment;
import io.countersign.launch.env.EnvironmentException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FrontendSettingsTest {
    @Test
    void anEmptyEnvironmentGivesTheDefaultsOfTheContract() {
        var settings = FrontendSettings.read(new Environment(Map.of("PATH", "/bin")));

        assertEquals(8080, settings.listen().port());
        assertEquals("http://127.0.0.1:8001", settings.backend().toString());
        assertEquals(TestUpstream.FRONTEND, settings.identities().self().toString());
        assertNull(settings.staticPath());
        assertNull(settings.intruder());
        assertEquals(Map.of(), settings.parts());
    }

    @Test
    void partsKeepTheirOrder() {
        var settings = FrontendSettings.read(
                new Environment(Map.of("PARTS", "server=spire-server 1.15.3,agent=countersign agent 0.1.0")));

        assertEquals(
                List.of("server=spire-server 1.15.3", "agent=countersign agent 0.1.0"),
                settings.parts().entrySet().stream().map(Object::toString).toList());
    }

    @Test
    void allWrongVariablesAreInOneReport() {
        var environment = new Environment(Map.of(
                "PORT", "-1",
                "BACKEND_URL", "127.0.0.1:8001",
                "STATIC_PATH", "/nowhere",
                "INTRUDER_URL", "ftp://127.0.0.1",
                "PARTS", "server",
                "BACKEND_SPIFFE_ID", "spiffe://Example.org/x",
                "LOG_LEVEL", "loud"));

        var problems = assertThrows(EnvironmentException.class, () -> FrontendSettings.read(environment))
                .problems();

        var named = problems.stream()
                .map(problem -> problem.substring(0, problem.indexOf('=')))
                .sorted()
                .toList();
        assertEquals(
                List.of(
                        "BACKEND_SPIFFE_ID",
                        "BACKEND_URL",
                        "INTRUDER_URL",
                        "LOG_LEVEL",
                        "PARTS",
                        "PORT",
                        "STATIC_PATH"),
                named);
    }
}
