// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What programs say of their version, read off the originals. */
class StandingTest {
    @ParameterizedTest
    @CsvSource({
        "/bin/spire-server, 1.15.3, spire-server 1.15.3",
        "/bin/envoy, '/bin/envoy  version: 0123456789abcdef/1.40.0/Clean/RELEASE/BoringSSL', envoy 1.40.0",
        "/bin/spiffe-helper, 0.11.0-dirty, spiffe-helper 0.11.0-dirty",
        "/bin/other, unknown flag, other",
    })
    void nameAndVersion(Path program, String said, String expected) {
        assertEquals(expected, Standing.named(program, said));
    }
}
