// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.sidecar.accesslog.LogFiles;
import io.countersign.sidecar.admin.AdminListener.Limits;
import io.countersign.sidecar.bootstrap.BootstrapFile;
import io.countersign.sidecar.bootstrap.BootstrapFile.NodeOverride;
import io.countersign.sidecar.sds.Secrets;
import io.countersign.sidecar.stats.Stats;
import io.countersign.sidecar.tls.RefusedPeers;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients of the admin listener that take and do nothing. */
@Timeout(60)
class AdminLimitsTest {
    private static final String FILE = """
            node: {id: x, cluster: y}
            admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
            """;
    private static final Duration SOON = Duration.ofMillis(300);
    private static final String NOT_READY = "HTTP/1.1 503 ";

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    @AfterEach
    void stop() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private AdminListener open(Limits limits) throws IOException {
        var bootstrap = BootstrapFile.parse(FILE, "test.yaml", NodeOverride.NONE);
        var stats = new Stats();
        var view = new AdminView(
                bootstrap,
                Path.of("test.yaml"),
                "1",
                new Lifecycle(() -> {}, new NoClients()),
                stats,
                new Secrets(bootstrap, stats),
                List.of(),
                new RefusedPeers(InstantSource.system()),
                List.of(),
                Map.of());
        var logs = new LogFiles(Duration.ofSeconds(1)).open(List.of());
        var admin = new AdminListener(bootstrap.admin().orElseThrow(), view, logs, limits);
        admin.open(loops);
        return admin;
    }

    private static final class NoClients implements Lifecycle.Connections {
        @Override
        public void retire() {}

        @Override
        public void keep() {}

        @Override
        public void drain(Drain how) {}
    }

    private static Socket connect(AdminListener admin) throws IOException {
        var socket =
                new Socket(InetAddress.getLoopbackAddress(), admin.address().getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void assertAnswered(Socket socket) throws IOException {
        write(socket, "GET /ready HTTP/1.1\r\nhost: a\r\n\r\n");
        var answer = new StringBuilder();
        while (answer.indexOf("\r\n0\r\n\r\n") < 0) {
            int letter = socket.getInputStream().read();
            assertTrue(letter >= 0, answer::toString);
            answer.append((char) letter);
        }
        assertTrue(answer.toString().startsWith(NOT_READY), answer::toString);
    }

    @Test
    void whoSaysNothingIsSentAway() throws Exception {
        try (var admin = open(new Limits(2, SOON));
                var silent = connect(admin)) {
            assertEquals(-1, silent.getInputStream().read());
        }
    }

    @Test
    void whoNeverComesToTheEndIsSentAway() throws Exception {
        try (var admin = open(new Limits(2, SOON));
                var slow = connect(admin)) {
            slow.setSoTimeout(20);
            write(slow, "GET /");

            assertTrue(isGone(slow));
        }
    }

    /** Says a letter now and then. */
    private static boolean isGone(Socket slow) throws IOException {
        try {
            for (int i = 0; i < 500; i++) {
                write(slow, "x");
                if (isEnded(slow)) {
                    return true;
                }
            }
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    private static boolean isEnded(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    @Test
    void oneTooManyIsSentAwayAndTheOthersAreNot() throws Exception {
        try (var admin = open(new Limits(1, Duration.ofHours(1)));
                var first = connect(admin)) {
            assertAnswered(first);
            try (var second = connect(admin)) {
                assertEquals(-1, second.getInputStream().read());
            }
            assertAnswered(first);
        }
    }
}
