// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EndpointAddressTest {
    @ParameterizedTest
    @ValueSource(strings = {"unix:///run/agent.sock", "unix:/run/agent.sock", "/run/agent.sock"})
    void absolutePathsAreTaken(String address) {
        assertEquals(Path.of("/run/agent.sock"), EndpointAddress.parse(address));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tcp://127.0.0.1:8081",
                "http://localhost/run/agent.sock",
                "agent.sock",
                "unix:agent.sock",
                "unix://agent.sock",
                "unix://host/run/agent.sock",
                "unix:///run/agent.sock?a=b",
                "unix:///run/agent.sock#a",
                "unix:",
                "unix:///run/agent sock"
            })
    void anythingElseIsRefusedByName(String address) {
        var refused = assertThrows(IllegalArgumentException.class, () -> WorkloadApiClient.connect(address));
        assertEquals(
                "\"" + address + "\" is no address of a Workload API, expected unix:///path/of/the/socket",
                refused.getMessage());
    }
}
