// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** For what cannot be told to take any port. */
final class FreePort {
    private FreePort() {}

    static int find() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
