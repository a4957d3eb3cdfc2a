// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.env;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.launch.LogSettings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvironmentTest {
    @Test
    void unsetAndEmptyVariablesGiveTheDefault() {
        var environment = new Environment(Map.of("PORT", ""));

        assertEquals(9090, environment.port("PORT", 9090));
        assertEquals("demo", environment.text("DB_NAME", "demo"));
        assertEquals(LogSettings.Format.JSON, environment.logSettings().format());
        environment.check();
    }

    @Test
    void everyProblemIsInOneReport() {
        var environment =
                new Environment(Map.of("PORT", "99999", "LIFE", "soon", "DB_HOSST", "x", "LOG_LEVEL", "loud"));

        environment.port("PORT", 9090);
        environment.duration("LIFE", Duration.ofMinutes(2));
        environment.text("DB_HOST", "localhost");
        environment.logSettings();
        environment.refuseUnknown("DB_");

        var problems =
                assertThrows(EnvironmentException.class, environment::check).problems();
        assertEquals(4, problems.size(), problems::toString);
        assertEquals("PORT=\"99999\": expected a number from 1 to 65535", problems.getFirst());
        assertEquals("DB_HOSST is no setting of this program; did you mean DB_HOST?", problems.getLast());
    }

    @Test
    void aRefusedVariableIsNamedWithoutItsValue() {
        var environment = new Environment(Map.of("DB_PASSWORD", "hunter2"));

        environment.refuse("DB_PASSWORD", "there is no password");

        var report = assertThrows(EnvironmentException.class, environment::check);
        assertFalse(String.valueOf(report.getMessage()).contains("hunter2"));
    }
}
