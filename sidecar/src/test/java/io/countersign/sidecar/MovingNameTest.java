// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A name that gets another address: the sidecar is a process of its own, which looks names up in a file of the test. */
@Timeout(120)
class MovingNameTest {
    private static final int PATIENCE_MILLIS = 60_000;
    private static final String CLUSTER = """
            dns_refresh_rate: 0.1s
                health_checks: [{timeout: 10s, interval: 0.05s, no_traffic_interval: 0.05s, unhealthy_threshold: 3,
                                healthy_threshold: 1, http_health_check: {path: /well, host: checked}}]""";

    @TempDir
    Path folder;

    @Test
    void programThatANameHasLeftIsHeldOnToByNobody() throws Exception {
        moveTo("127.0.0.1");
        try (var old = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            old.setSoTimeout(PATIENCE_MILLIS);
            var sidecar = start(old.getLocalPort());
            try (var probe = old.accept()) {
                probe.setSoTimeout(PATIENCE_MILLIS);
                var questions =
                        new BufferedReader(new InputStreamReader(probe.getInputStream(), StandardCharsets.US_ASCII));
                assertTrue(answer(questions, probe), "the program was not asked whether it is well");

                moveTo("127.0.0.2");

                boolean open;
                do {
                    open = answer(questions, probe);
                } while (open);
            } finally {
                sidecar.destroyForcibly();
                assertTrue(sidecar.waitFor(30, TimeUnit.SECONDS));
            }
        }
    }

    private void moveTo(String address) throws IOException {
        Files.writeString(folder.resolve("hosts"), address + " moving.test\n");
    }

    private Process start(int port) throws IOException {
        var text = PlainFile.of("timeout: 20s", CLUSTER, port)
                .replace("type: STATIC", "type: STRICT_DNS")
                .replace(
                        "address: 127.0.0.1, port_value: " + port + "}",
                        "address: moving.test, port_value: " + port + "}");
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djdk.net.hosts.file=" + folder.resolve("hosts"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "--enable-native-access=ALL-UNNAMED",
                        SidecarMain.class.getName(),
                        "-c",
                        Files.writeString(folder.resolve("envoy.yaml"), text).toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
    }

    /** Whether there was another question. */
    private static boolean answer(BufferedReader questions, Socket probe) throws IOException {
        var line = questions.readLine();
        boolean asked = line != null;
        while (line != null && !line.isEmpty()) {
            line = questions.readLine();
        }
        if (asked) {
            probe.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        return asked;
    }
}
