// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import static io.countersign.agent.TestDomain.HOME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.Eventually;
import io.countersign.agent.FakeServer;
import io.countersign.agent.PopFiles;
import io.countersign.agent.SshFiles;
import io.countersign.agent.TestConfig;
import io.countersign.agent.TestDomain;
import io.countersign.agent.TestEndpoint;
import io.countersign.agent.config.AgentConfig;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig;
import io.countersign.agent.config.Bootstrap;
import io.countersign.agent.server.ServerConnection;
import io.countersign.spiffe.x509.Pem;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A node comes in, is started again, and is refused. */
final class NodeAttestationTest {
    @TempDir
    private Path folder;

    private FakeServer server;

    @BeforeEach
    void open() throws IOException {
        server = FakeServer.start();
        server.tokens.add("first");
        server.tokens.add("second");
    }

    @AfterEach
    void close() throws Exception {
        server.close();
    }

    private NodeStore store() {
        return new NodeStore(HOME, folder.resolve("data"), Optional.of(folder.resolve("keys")));
    }

    private NodeAttestation attestation(AgentConfig config) {
        var connection = new ServerConnection(config.serverAddress(), config.serverPort(), HOME);
        var store = new NodeStore(HOME, config.dataDir(), config.keyDirectory());
        return new NodeAttestation(config, connection, store, server.clock);
    }

    private NodeIdentity establish(AgentConfig config) throws Exception {
        return attestation(config).establish();
    }

    private NodeIdentity establish(String token) throws Exception {
        return establish(TestConfig.of(folder, server, Optional.of(token)));
    }

    private String mode(String file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file)));
    }

    @Test
    void joinTokenGetsAnIdentityThatIsStored() throws Exception {
        var identity = establish("first");

        assertEquals(
                server.domain.id("/spire/agent/join_token/first"),
                identity.svid().svid().id());
        assertFalse(identity.reattestable());
        assertEquals(server.domain.bundle().x509Authorities(), identity.bundle().x509Authorities());
        var stored = store().load().orElseThrow();
        assertEquals(identity.svid().svid(), stored.svid().svid());
        assertEquals("rw-------", mode("keys/keys.json"));
        assertEquals("rw-------", mode("data/agent-data.json"));
    }

    @Test
    void storedIdentityIsUsedAgainWithoutTheServer() throws Exception {
        var before = establish("first");
        server.goAway();

        var after = establish(TestConfig.of(folder, server, Optional.empty()));

        assertEquals(before.svid().svid(), after.svid().svid());
        assertEquals(1, server.attestations.get());
    }

    @Test
    void expiredIdentityIsReplacedWithANewToken() throws Exception {
        var before = establish("first");
        server.clock.advance(Duration.ofMinutes(61));

        var after = establish("second");

        assertNotEquals(before.svid().svid(), after.svid().svid());
        assertEquals(
                server.domain.id("/spire/agent/join_token/second"),
                after.svid().svid().id());
        assertEquals(2, server.attestations.get());
    }

    @Test
    void keyInMemoryMeansANewAttestationAtEachStart() throws Exception {
        establish("first");
        Files.delete(folder.resolve("keys/keys.json"));

        assertEquals(
                server.domain.id("/spire/agent/join_token/second"),
                establish("second").svid().svid().id());
    }

    @Test
    void nodeWithoutIdentityAndTokenIsToldWhatToDo() throws Exception {
        var refused = assertThrows(
                NodeRefusedException.class, () -> establish(TestConfig.of(folder, server, Optional.empty())));
        assertTrue(String.valueOf(refused.getMessage()).contains("start with -joinToken"));
    }

    @Test
    void tokenThatTheServerDoesNotTakeEndsIt() throws Exception {
        var refused = assertThrows(NodeRefusedException.class, () -> establish("wrong"));
        assertTrue(String.valueOf(refused.getMessage()).contains("join token does not exist"), refused::getMessage);
        assertEquals(Optional.empty(), store().load());
    }

    @Test
    void refusalIsTheServersWordAndIsToldOnce() throws Exception {
        var attestation = attestation(TestConfig.of(folder, server, Optional.of("first")));
        var bundle = server.domain.bundle();
        server.refuseProofs(Status.INTERNAL.withDescription("nodeattestor(k8s_psat): the token has expired"));

        var refused = assertThrows(StatusRuntimeException.class, () -> attestation.attest(bundle));
        server.goAway();
        var away = assertThrows(StatusRuntimeException.class, () -> attestation.attest(bundle));

        assertEquals(
                "the server refuses this node: INTERNAL: nodeattestor(k8s_psat): the token has expired",
                NodeAttestation.why(refused));
        assertTrue(NodeAttestation.why(away).startsWith("the server cannot be reached: UNAVAILABLE: "), away::toString);
    }

    @Test
    void serverThatComesLaterIsWaitedFor() throws Exception {
        server.goAway();
        var config = TestConfig.of(folder, server, Optional.of("first"));
        var coming = new CompletableFuture<NodeIdentity>();
        var waiting = Thread.ofVirtual().start(() -> {
            try {
                coming.complete(establish(config));
            } catch (Exception e) {
                coming.completeExceptionally(e);
            }
        });
        Eventually.holds("it has failed once and pauses", () -> waiting.getState() == Thread.State.TIMED_WAITING);

        server.comeBack();

        assertEquals(
                server.domain.id("/spire/agent/join_token/first"),
                coming.get(20, TimeUnit.SECONDS).svid().svid().id());
    }

    @Test
    void bootstrapMayBeASpiffeBundleOrNothingAtAll() throws Exception {
        var file = folder.resolve("boot.json");
        Files.writeString(file, server.domain.bundle().toJson());
        var byBundle = TestConfig.of(folder, server, Optional.of("first"), new Bootstrap.SpiffeFile(file));
        assertEquals(
                server.domain.bundle().x509Authorities(),
                establish(byBundle).bundle().x509Authorities());

        Files.delete(folder.resolve("data/agent-data.json"));
        var insecure = TestConfig.of(folder, server, Optional.of("second"), new Bootstrap.Insecure());
        assertEquals(
                server.domain.bundle().x509Authorities(),
                establish(insecure).bundle().x509Authorities());
    }

    @Test
    void storedBundleCountsBeforeTheBootstrap() throws Exception {
        establish("first");
        server.clock.advance(Duration.ofMinutes(61));
        var stale = folder.resolve("stale.pem");
        Files.writeString(stale, Pem.certificates(new TestDomain(HOME).bundle().x509Authorities()));
        var config = TestConfig.of(folder, server, Optional.of("second"), new Bootstrap.PemFile(stale));

        assertEquals(
                server.domain.id("/spire/agent/join_token/second"),
                establish(config).svid().svid().id());
    }

    @Test
    void bootstrapThatCannotBeUsedIsNamed() throws Exception {
        var missing = new Bootstrap.PemFile(folder.resolve("nothing.pem"));
        var failed = assertThrows(
                IOException.class, () -> establish(TestConfig.of(folder, server, Optional.of("first"), missing)));
        assertTrue(String.valueOf(failed.getMessage()).contains("trust_bundle_path"), failed::getMessage);

        var garbage = folder.resolve("garbage.json");
        Files.writeString(garbage, "{");
        failed = assertThrows(
                IOException.class,
                () -> establish(
                        TestConfig.of(folder, server, Optional.of("first"), new Bootstrap.SpiffeFile(garbage))));
        assertTrue(String.valueOf(failed.getMessage()).contains("cannot be used"), failed::getMessage);
        assertEquals(0, server.attestations.get());
    }

    @Test
    void brokenStoreIsNamed() throws Exception {
        establish("first");
        var file = folder.resolve("data/agent-data.json");
        Files.writeString(file, "{ broken");
        var failed = assertThrows(IOException.class, () -> establish("second"));
        assertEquals(file + " is no valid json; move it away to start anew", failed.getMessage());
    }

    @Test
    void forgottenIdentityLeavesTheBundle() throws Exception {
        var identity = establish("first");
        store().forgetSvid();
        assertEquals(Optional.empty(), store().load());
        assertEquals(
                identity.bundle().x509Authorities(),
                store().loadBundle().orElseThrow().x509Authorities());
    }

    private NodeIdentity establish(NodeAttestorConfig attestor) throws Exception {
        return establish(TestConfig.of(folder, server, attestor, new Bootstrap.Insecure()));
    }

    @ParameterizedTest
    @CsvSource({"EC,256", "EC,384", "RSA,2048"})
    void aCertificateFromElsewhereGetsAnIdentity(String algorithm, int size) throws Exception {
        var files = PopFiles.write(folder, algorithm, size);

        var identity = establish(files.config());

        assertEquals(
                server.domain.id("/spire/agent/proven/node"),
                identity.svid().svid().id());
        assertTrue(identity.reattestable());
        assertTrue(store().load().orElseThrow().reattestable());
        if (algorithm.equals("RSA")) {
            files.writeOlderKey();
        }
        server.clock.advance(Duration.ofMinutes(61));
        var _ = establish(files.config());
        assertEquals(2, server.attestations.get());
    }

    @Test
    void theSvidOfAnotherAgentGetsAnIdentityAndIsWaitedFor() throws Exception {
        var attestor = new NodeAttestorConfig.X509PopSvid("unix://" + folder.resolve("agent.sock"));
        var coming = new CompletableFuture<NodeIdentity>();
        var waiting = Thread.ofVirtual().start(() -> {
            try {
                coming.complete(establish(attestor));
            } catch (Exception e) {
                coming.completeExceptionally(e);
            }
        });
        // there is no other agent yet, and then one that does not know this one
        Eventually.holds("it has failed once and pauses", () -> waiting.getState() == Thread.State.TIMED_WAITING);
        try (var other = new TestEndpoint(folder, TestEndpoint.Options.standard())) {
            Eventually.holds("it is refused", () -> !other.refused.last().isEmpty());
            assertFalse(coming.isDone());

            other.put(other.entry("node", "/node"));

            assertEquals(
                    server.domain.id("/spire/agent/proven/node"),
                    coming.get(20, TimeUnit.SECONDS).svid().svid().id());
        }
    }

    private void assertProven(NodeAttestorConfig attestor) throws Exception {
        var identity = establish(attestor);

        assertEquals(
                server.domain.id("/spire/agent/proven/node"),
                identity.svid().svid().id());
        assertTrue(identity.reattestable());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "ecdsa", "ed25519"})
    void theCertificateOfAnSshHostGetsAnIdentity(String algorithm) throws Exception {
        assertProven(SshFiles.write(folder, algorithm).config());
    }

    @Test
    void sshFilesThatCannotBeUsedAreNamed() throws Exception {
        var files = SshFiles.write(folder, "ed25519");
        var certificate = Files.readString(files.certificateFile());
        var _ = SshFiles.write(folder, "ed25519");
        Files.writeString(files.certificateFile(), certificate);
        assertUnusable(
                files.config(), "the key of host_key_path " + files.keyFile() + " is not that of the certificate in");

        Files.writeString(files.certificateFile(), certificate.replace("-cert-v01@openssh.com", ""));
        assertUnusable(files.config(), "host_cert_path " + files.certificateFile() + " cannot be used: no certificate");
        Files.writeString(files.keyFile(), certificate);
        assertUnusable(files.config(), "host_key_path " + files.keyFile() + " cannot be used: no private key found");
        Files.delete(files.keyFile());
        assertUnusable(files.config(), "host_key_path " + files.keyFile() + " is not there");
        assertEquals(0, server.attestations.get());
    }

    @Test
    void whoAnswersAtItsHostNameGetsAnIdentity() throws Exception {
        assertProven(new NodeAttestorConfig.HttpChallenge("127.0.0.1", "one", 0, 0));

        try (var taken = new ServerSocket(0)) {
            var blocked = new NodeAttestorConfig.HttpChallenge("127.0.0.1", "one", taken.getLocalPort(), 0);
            server.clock.advance(Duration.ofMinutes(61));
            assertUnusable(blocked, "port " + taken.getLocalPort() + " of http_challenge cannot be listened on");
        }
    }

    @Test
    void nobodyListensBehindAnAttempt() throws Exception {
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }

        assertProven(new NodeAttestorConfig.HttpChallenge("127.0.0.1", "one", port, port));

        assertThrows(IOException.class, () -> new Socket(InetAddress.getLoopbackAddress(), port).close());
    }

    @Test
    void aProjectedTokenGetsAnIdentity() throws Exception {
        var file = Files.writeString(folder.resolve("token"), "projected\n");
        var config = new NodeAttestorConfig.K8sPsat("prod", file);

        assertProven(config);

        server.clock.advance(Duration.ofMinutes(61));
        Files.writeString(file, "\n");
        assertUnusable(config, "token_path " + file + " cannot be used: it is empty");
        Files.delete(file);
        assertUnusable(config, "token_path " + file + " is not there");
    }

    @Test
    void filesThatCannotBeUsedAreNamed() throws Exception {
        var files = PopFiles.ec(folder);
        var certificate = Files.readString(files.certificateFile());
        var key = Files.readString(files.keyFile());
        var _ = PopFiles.ec(folder);
        Files.writeString(files.certificateFile(), certificate);
        assertUnusable(
                files, "the key of private_key_path " + files.keyFile() + " is not that of the first certificate");

        Files.writeString(files.keyFile(), certificate);
        assertUnusable(files, "private_key_path " + files.keyFile() + " cannot be used: no private key found");
        Files.delete(files.keyFile());
        assertUnusable(files, "private_key_path " + files.keyFile() + " is not there");
        Files.writeString(files.keyFile(), key);
        Files.writeString(files.certificateFile(), key);
        assertUnusable(files, "certificate_path " + files.certificateFile() + " cannot be used: no");
        assertEquals(0, server.attestations.get());
    }

    private void assertUnusable(PopFiles files, String words) {
        assertUnusable(files.config(), words);
    }

    private void assertUnusable(NodeAttestorConfig attestor, String words) {
        var failed = assertThrows(IOException.class, () -> establish(attestor));
        assertTrue(String.valueOf(failed.getMessage()).startsWith(words), failed::getMessage);
    }
}
