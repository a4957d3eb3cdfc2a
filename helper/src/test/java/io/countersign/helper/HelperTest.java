// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.helper.config.HelperConfigFile;
import io.countersign.launch.config.ConfigFile;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.json.Json;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon against an agent on a real socket. */
final class HelperTest {
    @TempDir
    private Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (var each : opened.reversed()) {
            each.close();
        }
    }

    private TestAgent agent() throws IOException {
        var agent = new TestAgent(folder.resolve("agent.sock"));
        opened.add(agent);
        return agent;
    }

    private void daemon(String more) throws IOException {
        var file = folder.resolve("helper.conf");
        Files.writeString(file, """
                agent_address = "%1$s/agent.sock"
                cert_dir = "%1$s"
                svid_file_name = "svid.pem"
                svid_key_file_name = "key.pem"
                svid_bundle_file_name = "bundle.pem"
                """.formatted(folder) + more);
        var helper = new Helper(HelperConfigFile.read(ConfigFile.parse(file, false), Optional.empty(), Map.of()));
        var running = Thread.ofVirtual().start(() -> {
            try {
                helper.run();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        opened.add(() -> {
            helper.stop();
            assertTrue(running.join(Duration.ofSeconds(20)), "the helper does not stop");
        });
    }

    private X509Svid written() throws IOException {
        return X509Svid.parse(
                Files.readAllBytes(folder.resolve("svid.pem")), Files.readAllBytes(folder.resolve("key.pem")));
    }

    private List<X509Certificate> bundle() throws IOException {
        return Pem.parseCertificates(Files.readAllBytes(folder.resolve("bundle.pem")));
    }

    private void awaitLeaf(X509Certificate leaf) {
        Eventually.holds(
                "the files hold the newest leaf", () -> written().leaf().equals(leaf));
    }

    private String mode(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name)));
    }

    @Test
    void filesAreWrittenWithTheirModesAndReplacedOnRotation() throws Exception {
        var agent = agent();
        var first = agent.issue();
        daemon("");
        awaitLeaf(first);
        assertEquals(List.of(agent.authority()), bundle());
        assertEquals("rw-r--r--", mode("svid.pem"));
        assertEquals("rw-------", mode("key.pem"));
        assertEquals("rw-r--r--", mode("bundle.pem"));

        awaitLeaf(agent.issue());
    }

    @Test
    void bundleHoldsFederatedAuthoritiesIfAskedFor() throws Exception {
        var agent = agent();
        agent.issue();
        daemon("include_federated_domains = true");

        Eventually.holds(
                "both authorities", () -> bundle().equals(List.of(agent.authority(), agent.foreignAuthority())));
    }

    @Test
    void identityIsChosenByItsHint() throws Exception {
        var agent = agent();
        var other = agent.issue("internal", "external");
        daemon("hint = \"external\"");

        Eventually.holds("files", () -> Files.exists(folder.resolve("svid.pem")));
        assertNotEquals(other, written().leaf());
    }

    @Test
    void helperWaitsForAnAgentThatComesLaterAndOutlivesIt() throws Exception {
        daemon("");
        var early = agent();
        awaitLeaf(early.issue());
        var kept = written().leaf();
        early.close();
        opened.remove(early);
        assertEquals(kept, written().leaf());

        var late = agent();
        awaitLeaf(late.issue());
    }

    @Test
    void filesAreWrittenOnceTheirFolderIsThere() throws Exception {
        var agent = agent();
        var leaf = agent.issue();
        int port = freePort();
        daemon("cert_dir = \"%s\"\nhealth_checks { listener_enabled = true  bind_port = %d }"
                .formatted(folder.resolve("later"), port));
        Eventually.holds("a write has failed", () -> get(port, "/live").statusCode() == 503);

        Files.createDirectory(folder.resolve("later"));

        var svid = folder.resolve("later/svid.pem");
        Eventually.holds(
                "files", () -> Pem.parseCertificates(Files.readAllBytes(svid)).contains(leaf));
    }

    @Test
    void processOfThePidFileIsSignalledOnEachRenewal() throws Exception {
        var heard = folder.resolve("heard");
        var script = "trap 'echo hup >> " + heard + "' HUP; echo $$ > " + folder + "/pid; while :; do sleep 0.02; done";
        // a shell cannot trap what was ignored when it began, as it is below nohup
        var process = new ProcessBuilder("env", "--default-signal=HUP", "sh", "-c", script).start();
        opened.add(() -> process.destroyForcibly().waitFor());
        Eventually.holds(
                "pid file", () -> !Files.readString(folder.resolve("pid")).isEmpty());
        var agent = agent();
        agent.issue();

        daemon("pid_file_name = \"" + folder + "/pid\"\nrenew_signal = \"SIGHUP\"");
        Eventually.holds("first signal", () -> Files.readAllLines(heard).size() == 1);

        agent.issue();
        Eventually.holds("second signal", () -> Files.readAllLines(heard).size() == 2);
    }

    @Test
    void commandIsStartedWhenTheFilesAreThereAndSignalledWhenTheyAreNew() throws Exception {
        var ready = folder.resolve("ready");
        var script = folder.resolve("program");
        Files.writeString(script, """
                trap 'echo "$1" > %1$s/renewed; exit' USR1
                test -s %1$s/svid.pem && echo up > %1$s/ready
                while :; do sleep 0.02; done
                """.formatted(folder));
        var agent = agent();
        agent.issue();

        daemon("cmd = \"sh\"\ncmd_args = \"%s \\\"two words\\\"\"\nrenew_signal = \"SIGUSR1\"".formatted(script));
        Eventually.holds("command runs", () -> Files.exists(ready));

        agent.issue();
        Eventually.holds(
                "command was signalled",
                () -> Files.readString(folder.resolve("renewed")).equals("two words\n"));
    }

    @Test
    void tokensAndTheirKeysAreWritten() throws Exception {
        agent();
        daemon("""
                jwt_bundle_file_name = "keys.json"
                jwt_svids = [{ jwt_audience = "a", jwt_extra_audiences = ["b"], jwt_svid_file_name = "token" }]
                jwt_svid_file_mode = 0640
                """);
        Eventually.holds(
                "both files", () -> Files.exists(folder.resolve("token")) && Files.exists(folder.resolve("keys.json")));

        var home = new TrustDomain("example.org");
        var keys = (Json.Members) Json.parse(Files.readAllBytes(folder.resolve("keys.json")));
        var jwks = Base64.getDecoder().decode(keys.text("example.org").orElseThrow());
        var token = JwtSvid.parseAndValidate(
                Files.readString(folder.resolve("token")),
                TrustBundle.parseJwks(home, jwks),
                Set.of("b"),
                Instant.now());
        assertEquals(List.of("a", "b"), token.audience());
        assertEquals("rw-r-----", mode("token"));
        assertEquals("rw-------", mode("keys.json"));
    }

    @Test
    void probesAreToldWhatIsWritten() throws Exception {
        int port = freePort();
        var agent = agent();
        daemon("health_checks { listener_enabled = true  bind_port = " + port + " }");
        Eventually.holds("listener", () -> get(port, "/live").statusCode() == 200);
        assertEquals(503, get(port, "/ready").statusCode());
        assertEquals("""
                {"status":"Service Unavailable","health":{"file_write_statuses":{"x509_write_status":"unwritten",\
                "jwt_write_status":{}}}}
                """, get(port, "/ready").body());

        agent.issue();

        Eventually.holds("ready", () -> get(port, "/ready").statusCode() == 200);
        assertTrue(get(port, "/ready").body().contains("\"x509_write_status\":\"written\""));
    }

    private static HttpResponse<String> get(int port, String path) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            var uri = URI.create("http://localhost:" + port + path);
            return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
