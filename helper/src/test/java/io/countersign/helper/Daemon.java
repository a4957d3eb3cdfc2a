// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.helper.check.DiskCheck;
import io.countersign.helper.check.Report;
import io.countersign.helper.config.HelperConfig;
import io.countersign.helper.config.HelperConfigFile;
import io.countersign.launch.config.ConfigFile;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** A helper of this process that keeps files new, with its probes. */
final class Daemon implements AutoCloseable {
    private final Helper helper;
    private final Thread running;
    private final HelperConfig config;
    private final int port;

    private Daemon(HelperConfig config, int port) {
        this.config = config;
        this.port = port;
        this.helper = new Helper(config);
        this.running = Thread.ofVirtual().start(() -> {
            try {
                helper.run();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    static Daemon start(String text) throws IOException {
        int port = freePort();
        var probes = "\nhealth_checks { listener_enabled = true  bind_port = " + port + " }\n";
        return new Daemon(config(text + probes), port);
    }

    static HelperConfig config(String text) {
        return HelperConfigFile.read(ConfigFile.parse(text, "helper.conf"), Optional.empty(), Map.of());
    }

    /** What the command check finds. */
    Report check() {
        return new DiskCheck(config, Instant.now()).run();
    }

    void awaitLive(boolean live) {
        Eventually.holds("live is " + live, () -> get("/live").statusCode() == (live ? 200 : 503));
    }

    void awaitReady(boolean ready) {
        Eventually.holds("ready is " + ready, () -> get("/ready").statusCode() == (ready ? 200 : 503));
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            var uri = URI.create("http://127.0.0.1:" + port + path);
            return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
        }
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws InterruptedException {
        helper.stop();
        assertTrue(running.join(Duration.ofSeconds(20)), "the helper does not stop");
    }
}
