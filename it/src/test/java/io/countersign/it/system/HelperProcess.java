// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import io.countersign.it.process.Await;
import io.countersign.it.process.Daemon;
import io.countersign.it.process.FreePort;
import io.countersign.it.process.Outcome;
import io.countersign.it.process.Side;
import io.countersign.it.process.Side.Part;
import io.countersign.spiffe.x509.X509Svid;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Our helper, with its probes, that keeps three files in a folder. */
final class HelperProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path config;
    private final Path certs;
    private final int port;
    private final Daemon daemon;
    private final HttpClient http = HttpClient.newHttpClient();

    private HelperProcess(Path config, Path certs, int port, Daemon daemon) {
        this.config = config;
        this.certs = certs;
        this.port = port;
        this.daemon = daemon;
    }

    /** @param ours what stands in the block {@code countersign} */
    static HelperProcess start(Path certs, Path agent, String ours) throws IOException {
        return start(certs, agent, ours, false);
    }

    /** As somebody to whom the kernel says no. */
    static HelperProcess startAsOrdinaryUser(Path certs, Path agent, String ours) throws IOException {
        return start(certs, agent, ours, true);
    }

    private static HelperProcess start(Path certs, Path agent, String ours, boolean ordinary) throws IOException {
        int port = FreePort.find();
        var config = Files.writeString(
                certs.resolveSibling(certs.getFileName() + ".conf"), """
                agent_address = "%s"
                cert_dir = "%s"
                svid_file_name = "svid.pem"
                svid_key_file_name = "key.pem"
                svid_bundle_file_name = "bundle.pem"
                health_checks { listener_enabled = true  bind_port = %d }
                countersign {
                  %s
                }
                """.formatted(agent, certs, port, ours));
        var command = command("-config", config.toString());
        return new HelperProcess(
                config,
                certs,
                port,
                Daemon.start(
                        certs.resolveSibling(certs.getFileName() + ".log"),
                        ordinary ? Outcome.asOrdinaryUser(command) : command,
                        Map.of()));
    }

    private static List<String> command(String... words) {
        return Side.OURS.command(Part.HELPER, List.of(words));
    }

    /** Of its probes. */
    int port() {
        return port;
    }

    X509Svid svid() throws IOException {
        return X509Svid.parse(
                Files.readAllBytes(certs.resolve("svid.pem")), Files.readAllBytes(certs.resolve("key.pem")));
    }

    /** Returns once there are files, with what is in them. */
    X509Svid awaitFiles() throws IOException {
        Await.until(
                PATIENCE,
                "there are no files: " + daemon.log(),
                () -> !svid().chain().isEmpty());
        return svid();
    }

    X509Svid awaitFilesAfter(X509Svid former) throws IOException {
        Await.until(
                PATIENCE,
                "the files stay as they are",
                () -> !svid().serialNumberHex().equals(former.serialNumberHex()));
        return svid();
    }

    boolean isLive() throws IOException, InterruptedException {
        return probe("/live") == 200;
    }

    void awaitLive() {
        Await.until(PATIENCE, "it is not live", this::isLive);
    }

    void awaitReady() {
        Await.until(PATIENCE, "it is not ready", () -> probe("/ready") == 200);
    }

    /** Returns once both probes are red and the log says why. */
    void awaitRed(String why) {
        Await.until(
                PATIENCE,
                "it is not red with \"" + why + "\"",
                () -> probe("/live") == 503 && probe("/ready") == 503 && said(why));
    }

    private int probe(String path) throws IOException, InterruptedException {
        var uri = URI.create("http://127.0.0.1:" + port + path);
        return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
                .statusCode();
    }

    boolean said(String words) throws IOException {
        return daemon.log().contains(words);
    }

    /** What the command that looks at the disk finds. */
    Outcome check() throws IOException, InterruptedException {
        return Outcome.of(Map.of(), command("check", "-config", config.toString()));
    }

    @Override
    public void close() throws InterruptedException {
        daemon.close();
        http.close();
    }
}
