// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.launch.config.ConfigException;
import io.countersign.launch.config.ConfigFile;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthSettingsTest {
    private static Optional<HealthSettings> read(String keys) {
        var root = ConfigFile.parse("health_checks {\n" + keys + "\n}", "test.conf");
        var read = HealthSettings.read(root);
        root.check();
        return read;
    }

    private static String problems(String keys) {
        return String.valueOf(
                assertThrows(ConfigException.class, () -> read(keys)).getMessage());
    }

    @Test
    void everythingHasAStandard() {
        var settings = read("listener_enabled = true\nbind_address = \"\"\nbind_port = \"\"")
                .orElseThrow();
        assertEquals(80, settings.address().getPort());
        assertEquals("localhost", settings.address().getHostString());
        assertEquals("/live", settings.livePath());
        assertEquals("/ready", settings.readyPath());
        assertEquals(Optional.empty(), read("bind_port = 8080"));
    }

    @Test
    void aWrongPortMakesNothingElseUnknown() {
        for (var port : new int[] {0, 65536}) {
            assertEquals(
                    "test.conf:2: health_checks.bind_port: \"" + port + "\" is no port, expected 1 to 65535",
                    problems("bind_port = " + port
                            + "\nlistener_enabled = true\nlive_path = \"/l\"\nready_path = \"/r\""));
        }
    }

    @Test
    void anAddressHasToBeOne() {
        assertEquals(
                "test.conf:3: health_checks.bind_address: \"[no\" is no address of this machine, expected one like localhost",
                problems("listener_enabled = true\nbind_address = \"[no\""));
    }
}
