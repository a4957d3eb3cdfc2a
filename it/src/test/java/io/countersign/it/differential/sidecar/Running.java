// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.process.Await;
import io.countersign.it.process.Daemon;
import io.countersign.it.process.Side;
import io.countersign.it.process.Side.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** One sidecar as a process, with its ports and logs. */
final class Running implements AutoCloseable {
    private static final Pattern PLACE = Pattern.compile("@(port:)?([a-z0-9-]+)@");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Side side;
    private final Path folder;
    private final Map<String, Integer> ports = new TreeMap<>();
    private final Map<String, Integer> linesRead = new HashMap<>();
    private final Daemon daemon;

    private Running(Side side, Path folder, String template, Map<String, String> values, List<String> flags)
            throws IOException {
        this.side = side;
        this.folder = Files.createTempDirectory(folder, "sidecar");
        var config = Files.writeString(this.folder.resolve("envoy.yaml"), filled(template, values));
        var words = new ArrayList<>(List.of(
                "-c",
                config.toString(),
                "--use-dynamic-base-id",
                "--concurrency",
                "1",
                "--file-flush-interval-msec",
                "20"));
        words.addAll(flags);
        daemon = Daemon.start(this.folder.resolve("log"), side.command(Part.SIDECAR, words), Map.of());
    }

    /** Does not wait for it. */
    static Running launch(Side side, Path folder, String template, Map<String, String> values, String... flags)
            throws IOException {
        return new Running(side, folder, template, values, List.of(flags));
    }

    /** Returns when the admin listener says that it is ready. */
    static Running start(Side side, Path folder, String template, Map<String, String> values, String... flags)
            throws Exception {
        var running = launch(side, folder, template, values, flags);
        try {
            Await.until(
                    PATIENCE,
                    side + " is not ready",
                    () -> !running.daemon.isAlive() || running.get("/ready").contains("LIVE"));
            if (!running.daemon.isAlive()) {
                throw new AssertionError(side + " has ended");
            }
            return running;
        } catch (AssertionError e) {
            var said = running.daemon.log();
            running.close();
            throw new AssertionError(e.getMessage() + "; it has said: " + said, e);
        }
    }

    private String filled(String template, Map<String, String> values) throws IOException {
        var matcher = PLACE.matcher(template);
        var out = new StringBuilder();
        while (matcher.find()) {
            var name = matcher.group(2);
            String value;
            if (matcher.group(1) != null) {
                ports.putIfAbsent(name, Ports.free());
                value = String.valueOf(port(name));
            } else {
                value = name.equals("logs") ? folder.toString() : String.valueOf(values.get(name));
            }
            matcher.appendReplacement(out, value);
        }
        return matcher.appendTail(out).toString();
    }

    Side side() {
        return side;
    }

    /** Where the template's {@code logs} are. */
    Path folder() {
        return folder;
    }

    int port(String listener) {
        var port = ports.get(listener);
        if (port == null) {
            throw new IllegalArgumentException("the file has no port \"" + listener + "\"");
        }
        return port;
    }

    /** Body of a page of the admin listener. */
    String get(String path) throws IOException {
        try (var client = Client.plain(port("admin"))) {
            client.send("GET " + path + " HTTP/1.1\nhost: admin\nconnection: close\n\n");
            return client.readToTheEnd();
        }
    }

    /** The next line of a log that was not read before. */
    synchronized String nextLine(String log) {
        var file = folder.resolve(log + ".log");
        int read = linesRead.merge(log, 1, Integer::sum);
        Await.until(
                PATIENCE,
                side + " writes no line " + read + " into " + file,
                () -> lines(file).size() >= read);
        try {
            return lines(file).get(read - 1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The first line of its own output that begins with these words. */
    String said(String words) {
        Await.until(
                PATIENCE,
                side + " does not say \"" + words + "\"",
                () -> line(words).isPresent());
        try {
            return line(words).orElseThrow();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Optional<String> line(String words) throws IOException {
        return daemon.log().lines().filter(line -> line.startsWith(words)).findFirst();
    }

    /** Sends SIGTERM, and does not wait for what follows. */
    void stop() {
        ProcessHandle.of(daemon.pid()).ifPresent(ProcessHandle::destroy);
    }

    /** Waits until it has ended by itself. */
    int exitCode() throws InterruptedException {
        return daemon.awaitEnd();
    }

    private static List<String> lines(Path file) throws IOException {
        var text = Files.readString(file);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    @Override
    public void close() throws InterruptedException {
        daemon.close();
    }
}
