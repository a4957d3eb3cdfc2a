// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.it.process.Daemon;
import io.countersign.it.process.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real Docker engine with its own folders and containers, which have no network. Needs root. */
final class DockerEngine implements AutoCloseable {
    private final Path socket;
    private final Daemon daemon;

    private DockerEngine(Path socket, Daemon daemon) {
        this.socket = socket;
        this.daemon = daemon;
    }

    static DockerEngine start(Path folder) throws Exception {
        var socket = folder.resolve("docker.sock");
        var command = List.of(
                "dockerd",
                "--host=unix://" + socket,
                "--data-root=" + folder.resolve("data"),
                "--exec-root=" + folder.resolve("exec"),
                "--pidfile=" + folder.resolve("pid"),
                "--storage-driver=vfs",
                "--bridge=none",
                "--iptables=false",
                "--ip-forward=false");
        return new DockerEngine(
                socket,
                Daemon.startReady(
                        folder.resolve("docker.log"),
                        command,
                        () -> Files.exists(socket)
                                && run(socket, List.of("info")).code() == 0));
    }

    private static Outcome run(Path socket, List<String> words) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("docker", "--host=unix://" + socket));
        command.addAll(words);
        return Outcome.of(Map.of(), command);
    }

    /** What a command of Docker's prints. */
    String command(List<String> words) throws IOException, InterruptedException {
        var outcome = run(socket, words);
        assertEquals(0, outcome.code(), outcome::toString);
        return outcome.out().strip();
    }

    Path socket() {
        return socket;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (var container : command(List.of("ps", "-aq")).lines().toList()) {
            command(List.of("rm", "-f", container));
        }
        daemon.close();
    }
}
