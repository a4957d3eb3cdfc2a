// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.layout;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.stack.StackException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class PortCheckTest {
    private static Ports ports(int frontend, int intruder) {
        return new Ports(
                frontend,
                PortCheck.anyFree(),
                PortCheck.anyFree(),
                PortCheck.anyFree(),
                PortCheck.anyFree(),
                PortCheck.anyFree(),
                PortCheck.anyFree(),
                PortCheck.anyFree(),
                intruder);
    }

    @Test
    void freePortsAreFine() {
        assertDoesNotThrow(() -> PortCheck.check(ports(PortCheck.anyFree(), PortCheck.anyFree())));
    }

    @Test
    void everyTakenPortIsNamedWithItsHolder() throws IOException {
        try (var one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var two = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var ports = ports(one.getLocalPort(), two.getLocalPort());
            var failure = assertThrows(StackException.class, () -> PortCheck.check(ports));
            var me = "java (pid " + ProcessHandle.current().pid() + ")";
            assertEquals(
                    "port " + one.getLocalPort() + " is in use by " + me + "; stop it or choose another with --port\n"
                            + "port " + two.getLocalPort() + " is in use by " + me
                            + "; stop it or choose another with --intruder-port",
                    failure.getMessage());
        }
    }

    @Test
    void onePortForTwoPartsIsRefused() {
        int port = PortCheck.anyFree();
        var failure = assertThrows(StackException.class, () -> PortCheck.check(ports(port, port)));
        assertEquals("port " + port + " is given for both --port and --intruder-port", failure.getMessage());
    }
}
