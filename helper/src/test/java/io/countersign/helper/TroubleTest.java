// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the files, and what probes are told, when something goes wrong; and that it mends itself. */
final class TroubleTest {
    private static final String TOGETHER = "countersign { together = true }";
    private static final String TOKEN = """
            jwt_bundle_file_name = "keys.json"
            jwt_svids = [{ jwt_audience = "a", jwt_svid_file_name = "token" }]
            """;

    @TempDir
    private Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (var each : opened.reversed()) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T closed(T resource) {
        opened.add(resource);
        return resource;
    }

    private TestAgent agent() throws IOException {
        return closed(new TestAgent(folder.resolve("agent.sock")));
    }

    private Daemon daemon(Path certs, String more) throws IOException {
        return closed(Daemon.start("""
                agent_address = "%s/agent.sock"
                cert_dir = "%s"
                svid_file_name = "svid.pem"
                svid_key_file_name = "key.pem"
                svid_bundle_file_name = "bundle.pem"
                """.formatted(folder, certs) + more));
    }

    private Path certs() throws IOException {
        return Files.createDirectories(folder.resolve("certs"));
    }

    private static void awaitLeaf(Path certs, X509Certificate leaf) {
        Eventually.holds("the newest files", () -> svid(certs).leaf().equals(leaf));
    }

    private static X509Svid svid(Path certs) throws IOException {
        return X509Svid.parse(
                Files.readAllBytes(certs.resolve("svid.pem")), Files.readAllBytes(certs.resolve("key.pem")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", TOGETHER})
    void onAFullDiskTheLastFilesStayAndTheNewestComeWhenThereIsRoom(String layout) throws Exception {
        var disk = closed(SmallDisk.mount(folder.resolve("disk")));
        var agent = agent();
        var old = agent.issue();
        var daemon = daemon(disk.folder(), layout);
        awaitLeaf(disk.folder(), old);
        daemon.awaitLive(true);
        var filler = disk.fill();

        var fresh = agent.issue();

        daemon.awaitLive(false);
        assertEquals(old, svid(disk.folder()).leaf());
        Files.delete(filler);
        awaitLeaf(disk.folder(), fresh);
        daemon.awaitLive(true);
        assertTrue(daemon.check().isGood(), () -> daemon.check().text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", TOGETHER})
    void inAReadOnlyFolderTheLastFilesStay(String layout) throws Exception {
        var disk = closed(SmallDisk.mount(folder.resolve("disk")));
        var agent = agent();
        var old = agent.issue();
        var daemon = daemon(disk.folder(), layout);
        awaitLeaf(disk.folder(), old);
        remount(disk, "ro");

        var fresh = agent.issue();

        daemon.awaitLive(false);
        assertEquals(old, svid(disk.folder()).leaf());
        remount(disk, "rw");
        awaitLeaf(disk.folder(), fresh);
        daemon.awaitReady(true);
    }

    private static void remount(SmallDisk disk, String how) throws Exception {
        // somebody may be writing right now
        Eventually.holds(
                "the disk is " + how,
                () -> new ProcessBuilder(
                                        "mount",
                                        "-o",
                                        "remount," + how,
                                        disk.folder().toString())
                                .start()
                                .waitFor()
                        == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", TOGETHER})
    void missingFolderIsRedUntilSomebodyMakesIt(String layout) throws Exception {
        var certs = folder.resolve("later");
        var agent = agent();
        var leaf = agent.issue();
        var daemon = daemon(certs, layout);
        daemon.awaitLive(false);

        Files.createDirectory(certs);

        awaitLeaf(certs, leaf);
        daemon.awaitReady(true);
    }

    @Test
    void wrongOwnerIsMendedByTheNextWrite() throws Exception {
        assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0), "needs root");
        var certs = certs();
        var agent = agent();
        awaitLeafAfter(certs, agent, "countersign { together = true  owner = \"4711\"  group = \"4712\" }");
        Files.setAttribute(certs.resolve("key.pem"), "unix:uid", 4713);

        awaitLeaf(certs, agent.issue());

        assertEquals(4711, Files.getAttribute(certs.resolve("key.pem"), "unix:uid"));
        assertEquals(4712, Files.getAttribute(certs.resolve("key.pem"), "unix:gid"));
    }

    @Test
    void ownerGetsTokensAndTheirKeysAsWell() throws Exception {
        assumeTrue(Files.getAttribute(folder, "unix:uid").equals(0), "needs root");
        var certs = certs();
        agent().issue();

        var daemon = daemon(certs, TOKEN + "countersign { owner = \"4711\"  group = \"4712\" }");

        daemon.awaitReady(true);
        for (var name : List.of("token", "keys.json")) {
            assertEquals(4711, Files.getAttribute(certs.resolve(name), "unix:uid"), name);
            assertEquals(4712, Files.getAttribute(certs.resolve(name), "unix:gid"), name);
        }
        assertTrue(daemon.check().isGood(), () -> daemon.check().text());
    }

    private Daemon awaitLeafAfter(Path certs, TestAgent agent, String more) throws IOException {
        var leaf = agent.issue();
        var daemon = daemon(certs, more);
        awaitLeaf(certs, leaf);
        return daemon;
    }

    @Test
    void ownerThatIsNotThereKeepsTheFilesAway() throws Exception {
        var agent = agent();
        agent.issue();
        var daemon = daemon(certs(), "countersign { owner = \"no-such-user\" }");

        daemon.awaitLive(false);

        assertFalse(Files.exists(certs().resolve("key.pem")));
    }

    @Test
    void deadAgentIsGreenWhileTheFilesAreGoodAndRedWhenTheyAreTooOld() throws Exception {
        var certs = certs();
        var agent = new TestAgent(folder.resolve("agent.sock"));
        var daemon = awaitLeafAfter(certs, agent, "countersign { min_validity = \"1s\" }");
        daemon.awaitReady(true);
        // what lasts as short as this may be too old before anybody has seen it ready
        var old = agent.issue(Duration.ofSeconds(10));
        awaitLeaf(certs, old);

        agent.close();

        daemon.awaitLive(false);
        daemon.awaitReady(false);
        assertEquals(old, svid(certs).leaf());
        awaitLeaf(certs, agent().issue());
        daemon.awaitReady(true);
    }

    @Test
    void foreignAgentGetsNothingIntoTheFilesOfAnIdentityThatIsNamed() throws Exception {
        var certs = certs();
        var agent = new TestAgent(folder.resolve("agent.sock"));
        var old = agent.issue();
        var daemon = daemon(certs, "countersign { spiffe_id = \"" + agent.id(0) + "\" }");
        awaitLeaf(certs, old);
        daemon.awaitReady(true);
        agent.close();

        var foreign = closed(new TestAgent(folder.resolve("agent.sock"), new TrustDomain("elsewhere.org")));
        foreign.issue();

        daemon.awaitLive(false);
        assertEquals(old, svid(certs).leaf());
    }

    @Test
    void tokenIsOfTheIdentityThatIsNamed() throws Exception {
        var certs = certs();
        var agent = agent();
        agent.issue("one", "two");

        daemon(certs, TOKEN + "countersign { spiffe_id = \"" + agent.id(1) + "\" }")
                .awaitReady(true);

        assertEquals(
                agent.id(1),
                JwtSvid.parseInsecure(Files.readString(certs.resolve("token"))).id());
    }

    @Test
    void foreignAgentGetsNoTokenAndNoKeysIntoTheFilesOfAnIdentityThatIsNamed() throws Exception {
        var certs = certs();
        closed(new TestAgent(folder.resolve("agent.sock"), new TrustDomain("elsewhere.org")));

        var daemon = daemon(certs, TOKEN + "countersign { spiffe_id = \"spiffe://example.org/sa/backend\" }");

        Eventually.holds("both are refused", () -> {
            var said = daemon.get("/live").body();
            return said.contains("\"%s/token\":\"failed\"".formatted(certs))
                    && said.contains("\"%s/keys.json\":\"failed\"".formatted(certs));
        });
        assertFalse(Files.exists(certs.resolve("token")));
        assertFalse(Files.exists(certs.resolve("keys.json")));
    }

    @Test
    void foreignAgentIsBelievedIfNothingIsNamedAsByTheOriginal() throws Exception {
        var certs = certs();
        var agent = new TestAgent(folder.resolve("agent.sock"));
        awaitLeafAfter(certs, agent, "");
        agent.close();

        var foreign = closed(new TestAgent(folder.resolve("agent.sock"), new TrustDomain("elsewhere.org")));

        awaitLeaf(certs, foreign.issue());
    }

    @Test
    void revokedAuthorityLeavesTheBundleAtOnceAndCheckSaysWhatThatMeans() throws Exception {
        var certs = certs();
        var agent = agent();
        var daemon = awaitLeafAfter(certs, agent, TOGETHER);
        var revoked = agent.authority();
        assertTrue(daemon.check().isGood(), () -> daemon.check().text());

        agent.revoke();

        Eventually.holds(
                "the new authority alone",
                () -> Pem.parseCertificates(Files.readAllBytes(certs.resolve("bundle.pem")))
                        .equals(List.of(agent.authority())));
        assertNotEquals(revoked, agent.authority());
        assertTrue(
                daemon.check().text().contains("cannot be verified"),
                () -> daemon.check().text());
        awaitLeaf(certs, agent.issue());
        assertTrue(daemon.check().isGood(), () -> daemon.check().text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", TOGETHER})
    void whatAKilledHelperHasLeftIsGoneAfterTheStart(String layout) throws Exception {
        var certs = certs();
        Files.writeString(certs.resolve(".key.pem.new"), "half a ke");
        var half = Files.createDirectory(certs.resolve("..generation-7"));
        Files.writeString(half.resolve("key.pem"), "half a ke");

        // nobody gives it anything new to write
        daemon(certs, layout);

        var left = layout.isEmpty() ? certs.resolve(".key.pem.new") : half;
        Eventually.holds(left + " is gone", () -> !Files.exists(left));
    }
}
