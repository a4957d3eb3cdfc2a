// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import io.countersign.it.process.Programs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Originals in the place of our programs, with the same files; {@link SwapMatrixTest} has the other combinations. */
@Tag("foreign")
class SwapTest {
    @ParameterizedTest
    @ValueSource(strings = {"sidecar=envoy", "helper=spiffe-helper", "server=spire-server,agent=spire-agent"})
    void bothPatternsAreProvenAndBreakInsRefused(String use) throws Exception {
        var folder = Programs.foreign("envoy").getParent();
        try (var system = RunningSystem.start("--use", use.replace("=", "=" + folder + "/"))) {
            Judge.assertProven(system.demo());
            Judge.assertRefused(system.breakIns());
        }
    }
}
