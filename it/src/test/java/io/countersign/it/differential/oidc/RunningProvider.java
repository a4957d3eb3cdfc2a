// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.oidc;

import io.countersign.it.differential.Answer;
import io.countersign.it.differential.agent.OriginalServer;
import io.countersign.it.process.Daemon;
import io.countersign.it.process.Programs;
import io.countersign.it.process.Side;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;

/** One of the two, with ports of its own, and what it answers to bytes. */
final class RunningProvider implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** Says nothing about the answer. */
    private static final Set<String> NOT_COMPARED = Set.of("date");

    private final Daemon daemon;
    private final int port;
    private final int probePort;

    private RunningProvider(Daemon daemon, int port, int probePort) {
        this.daemon = daemon;
        this.port = port;
        this.probePort = probePort;
    }

    static List<String> command(Side side, List<String> words) {
        var command = new ArrayList<>(
                switch (side) {
                    case OURS -> List.of(Programs.COUNTERSIGN.toString(), "oidc-discovery-provider");
                    case ORIGINAL ->
                        List.of(Programs.foreign("oidc-discovery-provider").toString());
                });
        command.addAll(words);
        return command;
    }

    /** @param more what the file says besides addresses and where the keys are */
    static RunningProvider start(Side side, Path folder, Path keys, String more) throws Exception {
        int port = OriginalServer.freePort();
        int probePort = OriginalServer.freePort();
        var file = Files.writeString(
                Files.createTempFile(folder, side.name(), ".conf"), """
                domains = ["127.0.0.1", "oidc.example.org"]
                insecure_addr = "127.0.0.1:%d"
                file { path = "%s" poll_interval = "100ms" }
                health_checks { bind_port = %d }
                """.formatted(port, keys, probePort) + more);
        var log = Files.createTempFile(folder, side.name(), ".log");
        // the first look at the keys is taken before probes are answered, or soon after
        var daemon = Daemon.startReady(log, command(side, List.of("-config", file.toString())), () -> {
            var ready = talk(probePort, "GET /ready HTTP/1.0");
            return Files.exists(keys) ? ready.contains(" 200 ") : ready.contains(" 500 ");
        });
        return new RunningProvider(daemon, port, probePort);
    }

    /** @param lines of the request, where PORT stands for this provider's own */
    Answer ask(boolean probe, String lines) throws IOException {
        var said = talk(probe ? probePort : port, lines.replace("PORT", Integer.toString(port)));
        int end = said.indexOf("\r\n\r\n");
        var head = said.substring(0, end).lines().toList();
        var answer = Answer.empty().with("status", head.getFirst());
        var headers = new TreeMap<String, String>();
        for (var line : head.subList(1, head.size())) {
            int colon = line.indexOf(':');
            headers.merge(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip(),
                    (one, two) -> one + ", " + two);
        }
        headers.keySet().removeAll(NOT_COMPARED);
        headers.computeIfPresent("last-modified", (_, time) -> "TIME");
        for (var header : headers.entrySet()) {
            answer = answer.with("header." + header.getKey(), header.getValue());
        }
        return answer.with("body", said.substring(end + 4).replace(":" + port, ":PORT"));
    }

    /** What comes until the other side closes, which each request asks for. */
    private static String talk(int port, String lines) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream()
                    .write((lines.replace("\n", "\r\n") + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() throws InterruptedException {
        daemon.close();
    }
}
