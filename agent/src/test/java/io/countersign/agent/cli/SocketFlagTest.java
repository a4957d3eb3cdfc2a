// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Which of several agents is asked. The environment of this process cannot be changed, so it stands here as a text. */
final class SocketFlagTest {
    private static String refused(String template) {
        return String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> SocketFlag.ofInstance(template, "blue"))
                        .getMessage());
    }

    @Test
    void anInstanceHasItsPlaceInTheTemplate() {
        assertEquals(Path.of("/run/blue/blue.sock"), SocketFlag.ofInstance("/run/%i/%i.sock", "blue"));
        assertEquals(
                "SPIRE_AGENT_PUBLIC_SOCKET_TEMPLATE is \"/run/agent.sock\", expected a path with %i where the instance"
                        + " belongs",
                refused("/run/agent.sock"));
        assertEquals("-instance needs SPIRE_AGENT_PUBLIC_SOCKET_TEMPLATE to be set", refused(""));
    }
}
