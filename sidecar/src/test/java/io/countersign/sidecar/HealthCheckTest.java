// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints that are asked whether they are well, and requests that go to those which are. */
@Timeout(60)
class HealthCheckTest {
    private static final String HTTP = """
            health_checks: [{timeout: 10s, interval: 0.05s, no_traffic_interval: 0.05s, unhealthy_threshold: 3,
                            healthy_threshold: 2, http_health_check: {path: /well, host: checked}}]""";
    private static final String TCP = """
            health_checks: [{timeout: 10s, interval: 0.05s, no_traffic_interval: 0.05s, unhealthy_threshold: 2,
                            healthy_threshold: 1, tcp_health_check: {}}]""";
    private static final String NO_PANIC = "\n    common_lb_config: {healthy_panic_threshold: {value: 0}}";

    @TempDir
    Path folder;

    /** Serves its name, and says on {@code /well} whether it is. */
    private Hop program(String name, AtomicBoolean well) throws Exception {
        return new Hop(folder, exchange -> {
            boolean asked = exchange.getRequestURI().getPath().equals("/well");
            int status = !asked || well.get() ? 200 : 503;
            Hop.reply(exchange, status, name.getBytes(StandardCharsets.UTF_8));
        });
    }

    private static int port(Hop hop) {
        return hop.app.getAddress().getPort();
    }

    @Test
    void requestsGoToWhoIsWell() throws Exception {
        var well = new AtomicBoolean(true);
        try (var one = program("one", well);
                var two = program("two", new AtomicBoolean(true))) {
            var sidecar = one.start(PlainFile.of("timeout: 20s", HTTP, port(one), port(two)), text -> text);
            assertEquals("app::127.0.0.1:" + port(one) + "::health_flags::healthy", flags(one, sidecar, port(one)));

            well.set(false);
            Hop.await("one is unwell", () -> flags(one, sidecar, port(one)).endsWith("/failed_active_hc"));
            for (int i = 0; i < 10; i++) {
                assertEquals("two", one.get(sidecar, "/").body());
            }

            well.set(true);
            Hop.await("one is well again", () -> flags(one, sidecar, port(one)).endsWith("::healthy"));
            Hop.await("its turn", () -> body(one, sidecar).equals("one"));
        }
    }

    @Test
    void nobodyWellIsNobodyThereUnlessAllAreUsedThen() throws Exception {
        try (var one = program("one", new AtomicBoolean(false))) {
            var strict = one.start(PlainFile.of("timeout: 20s", HTTP + NO_PANIC, port(one)), text -> text);
            var answer = one.get(strict, "/");
            assertEquals(503, answer.statusCode());
            assertEquals("no healthy upstream", answer.body());

            var lenient = one.start(PlainFile.of("timeout: 20s", HTTP, port(one)), text -> text);
            assertEquals(200, one.get(lenient, "/").statusCode());
            assertTrue(one.admin(lenient, "/stats").contains("cluster.app.lb_healthy_panic: 1\n"));
        }
    }

    @Test
    void connectionIsEnoughForTcp() throws Exception {
        try (var one = program("one", new AtomicBoolean(true));
                var held = new Socket()) {
            // a port that nobody listens on, and that nobody else gets meanwhile
            held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int nobody = held.getLocalPort();
            var sidecar = one.start(PlainFile.of("timeout: 20s", TCP, port(one), nobody), text -> text);

            assertTrue(flags(one, sidecar, port(one)).endsWith("::healthy"));
            assertTrue(flags(one, sidecar, nobody).endsWith("::/failed_active_hc"));
            for (int i = 0; i < 4; i++) {
                assertEquals("one", one.get(sidecar, "/").body());
            }
            assertTrue(one.admin(sidecar, "/stats").contains("cluster.app.membership_healthy: 1\n"));
        }
    }

    private static String flags(Hop hop, Sidecar sidecar, int port) {
        try {
            return hop.admin(sidecar, "/clusters")
                    .lines()
                    .filter(line -> line.startsWith("app::127.0.0.1:" + port + "::health_flags::"))
                    .findFirst()
                    .orElse("");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String body(Hop hop, Sidecar sidecar) {
        try {
            return hop.get(sidecar, "/").body();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
