// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody can do to our helper who gets at the port of its probes. */
class HelperProbesTest {
    /** The original's five seconds, and enough for a slow machine. */
    private static final int PATIENCE_MILLIS = 15_000;

    @TempDir
    private Path folder;

    @Test
    void halfAWordHoldsNoConnectionForLong() throws Exception {
        var certs = Files.createDirectory(folder.resolve("certs"));
        try (var helper = HelperProcess.start(certs, folder.resolve("nobody.sock"), "")) {
            helper.awaitLive();
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), helper.port())) {
                socket.setSoTimeout(PATIENCE_MILLIS);
                socket.getOutputStream().write('G');

                assertEquals(-1, socket.getInputStream().read(), "the connection goes on");
            }
            assertTrue(helper.isLive());
        }
    }
}
