// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend;

import io.countersign.launch.env.Environment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;

/** A running frontend with a sidecar and an intruder made for the test. */
final class TestFrontend implements AutoCloseable {
    final TestUpstream sidecar = new TestUpstream();
    final TestUpstream intruder = new TestUpstream();
    private final Frontend frontend;

    TestFrontend() throws IOException {
        frontend = Frontend.start(FrontendSettings.read(new Environment(Map.of(
                "LISTEN_HOST", "127.0.0.1",
                "PORT", String.valueOf(freePort()),
                "BACKEND_URL", sidecar.url(),
                "INTRUDER_URL", intruder.url()))));
    }

    String url() {
        return "http://127.0.0.1:" + frontend.port();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        frontend.close();
        sidecar.close();
        intruder.close();
    }
}
