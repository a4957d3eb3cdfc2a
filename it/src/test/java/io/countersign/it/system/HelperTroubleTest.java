// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.countersign.it.process.Await;
import io.countersign.it.process.Programs;
import io.countersign.it.process.Side;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What our helper makes of each trouble, and that all is well again after it: real processes, files, disks and agents. The table
 * in {@code docs/operate/certificate-files.md} names these tests.
 */
class HelperTroubleTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final TrustDomain ELSEWHERE = new TrustDomain("elsewhere.test");
    private static final String WORKLOAD = "/workload";
    private static final String NAMED = "spiffe_id = \"spiffe://tiers.test" + WORKLOAD + "\"";
    private static final String TOGETHER = "together = true";
    private static final int ORDINARY = 65534;

    private static Path folder;
    private static Tier home;
    private static ForcedRenewals renewals;
    private static int cases;

    private Path certs;

    @BeforeAll
    static void start() throws Exception {
        folder = RunningSystem.newFolder();
        home = Tier.root(Side.OURS, folder.resolve("home"));
        home.register(WORKLOAD);
        var _ = home.command(
                "entry",
                "create",
                "-parentID",
                "spiffe://tiers.test/nodes",
                "-spiffeID",
                "spiffe://tiers.test" + WORKLOAD + "/ordinary",
                "-selector",
                "unix:uid:" + ORDINARY);
        renewals = new ForcedRenewals(folder.resolve("home/server.sock"), WORKLOAD);
        renewals.next();
    }

    @AfterAll
    static void end() throws Exception {
        renewals.close();
        home.close();
        new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
    }

    /** A folder for each case, in which everybody may write, and an agent whose socket can be exchanged. */
    @BeforeEach
    void create() throws Exception {
        certs = makeFolder(folder.resolve("certs" + ++cases));
        lead(home);
        if (!home.agent().isAlive()) {
            home.startAgent();
        }
    }

    private static Path makeFolder(Path path) throws IOException {
        Files.createDirectory(path);
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private static Path agent() {
        return folder.resolve("agent.sock");
    }

    /** Has the helper's address lead to the agent of that tier. */
    private static void lead(Tier tier) throws IOException {
        Files.deleteIfExists(agent());
        Files.createSymbolicLink(agent(), tier.workloadApi());
    }

    private static void run(String... words) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder(words).inheritIO().start().waitFor(), () -> String.join(" ", words));
    }

    /** What it has written just now: for half of a certificate's minute the agent renews nothing by itself. */
    private static X509Svid fresh(HelperProcess helper) throws IOException {
        var former = helper.awaitFiles();
        var life = renewals.next();
        // the agent may have renewed the former one by itself in between
        Await.until(PATIENCE, "what was renewed by force does not come", () -> {
            var now = helper.svid();
            var lived = Duration.between(now.notBefore(), now.expiresAt());
            return !now.serialNumberHex().equals(former.serialNumberHex())
                    && lived.toSeconds() % 2 == life.toSeconds() % 2;
        });
        return helper.svid();
    }

    private static void assertGood(HelperProcess helper) throws IOException, InterruptedException {
        helper.awaitReady();
        var check = helper.check();
        assertEquals(0, check.code(), check::toString);
    }

    /** What operators are told has been seen. */
    @Test
    void theTableNamesEachOfThese() throws Exception {
        var table = Files.readString(Path.of("../docs/operate/certificate-files.md"));
        var self = "theTableNamesEachOfThese";
        for (var method : HelperTroubleTest.class.getDeclaredMethods()) {
            boolean isTest =
                    method.isAnnotationPresent(Test.class) || method.isAnnotationPresent(ParameterizedTest.class);
            if (isTest && !method.getName().equals(self)) {
                assertTrue(table.contains("`" + method.getName() + "`"), method::getName);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", TOGETHER})
    void fullDisk(String layout) throws Exception {
        assumeTrue(Programs.isRoot(), "only root may mount");
        run("mount", "-t", "tmpfs", "-o", "size=128k", "countersign-test", certs.toString());
        try (var helper = HelperProcess.start(certs, agent(), layout)) {
            var before = fresh(helper);
            helper.awaitReady();
            var filler = fill();

            renewals.next();

            helper.awaitRed("No space left on device");
            assertEquals(before, helper.svid());
            assertEquals(0, helper.check().code(), "what is there is good");
            Files.delete(filler);
            helper.awaitFilesAfter(before);
            assertGood(helper);
        } finally {
            run("umount", certs.toString());
        }
    }

    private Path fill() throws IOException {
        var filler = certs.resolve("filler");
        try (var out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(new byte[1024]);
            }
        } catch (IOException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("No space left"), e::toString);
        }
        return filler;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", TOGETHER})
    void readOnlyFolder(String layout) throws Exception {
        try (var helper = HelperProcess.startAsOrdinaryUser(certs, agent(), layout)) {
            var before = fresh(helper);
            helper.awaitReady();
            Files.setPosixFilePermissions(certs, PosixFilePermissions.fromString("r-xr-xr-x"));

            renewals.next();

            helper.awaitRed("AccessDenied");
            assertEquals(before, helper.svid());
            Files.setPosixFilePermissions(certs, PosixFilePermissions.fromString("rwxrwxrwx"));
            helper.awaitFilesAfter(before);
            assertGood(helper);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", TOGETHER})
    void missingFolder(String layout) throws Exception {
        try (var helper = HelperProcess.start(certs, agent(), layout)) {
            var before = fresh(helper);
            helper.awaitReady();
            run("rm", "-rf", certs.toString());

            renewals.next();

            helper.awaitRed("does not exist; make it or change cert_dir");
            assertFalse(Files.exists(certs), "it is not for the helper to make");
            makeFolder(certs);
            helper.awaitFilesAfter(before);
            assertGood(helper);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", TOGETHER})
    void wrongOwner(String layout) throws Exception {
        assumeTrue(Programs.isRoot(), "only root may give files away");
        var key = certs.resolve("key.pem");
        try (var helper = HelperProcess.start(certs, agent(), "owner = \"4711\"  group = \"4712\"  " + layout)) {
            var before = fresh(helper);
            assertGood(helper);
            Files.setAttribute(key, "unix:uid", 4713);
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
            assertEquals(1, helper.check().code(), "the key of somebody else, readable by all, is good");

            renewals.next();

            helper.awaitFilesAfter(before);
            assertEquals(4711, Files.getAttribute(key, "unix:uid"));
            assertEquals(4712, Files.getAttribute(key, "unix:gid"));
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
            assertGood(helper);
        }
    }

    @Test
    void ownerWhoIsUnknown() throws Exception {
        try (var helper = HelperProcess.start(certs, agent(), "owner = \"no-such-user\"")) {
            helper.awaitRed("\\\"no-such-user\\\" is not known on this machine");
            assertNoFiles();
        }
    }

    @Test
    void ownerToWhomNothingMayBeGiven() throws Exception {
        try (var helper = HelperProcess.startAsOrdinaryUser(certs, agent(), "owner = \"root\"")) {
            helper.awaitRed("run the helper as root");
            assertNoFiles();
        }
    }

    private void assertNoFiles() throws IOException {
        try (var files = Files.list(certs)) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void deadAgent() throws Exception {
        try (var helper = HelperProcess.start(certs, agent(), "min_validity = \"45s\"")) {
            // these end in a minute
            var before = fresh(helper);
            helper.awaitReady();

            home.agent().kill();

            assertTrue(helper.isLive(), "red before the files are too old");
            helper.awaitRed("trying again");
            assertTrue(helper.said("files_good_until"));
            assertEquals(before, helper.svid());
            home.startAgent();
            helper.awaitFilesAfter(before);
            helper.awaitReady();
        }
    }

    /** It is as good as ours; whom it believes is its server's affair. */
    @Test
    @Tag("foreign")
    void spiresAgent() throws Exception {
        try (var other = Tier.root(Side.ORIGINAL, folder.resolve("spire"));
                var helper = HelperProcess.start(certs, agent(), NAMED + "  " + TOGETHER)) {
            other.register(WORKLOAD);
            var before = fresh(helper);

            exchange(other);

            var after = helper.awaitFilesAfter(before);
            assertEquals(after.id(), X509SvidValidator.verify(after.chain(), other.bundle(), Instant.now()));
            assertGood(helper);
        }
    }

    @Test
    void agentOfAnotherTrustDomain() throws Exception {
        try (var other = Tier.elsewhere(Side.OURS, ELSEWHERE, folder.resolve("elsewhere"));
                var careful = HelperProcess.start(certs, agent(), NAMED);
                var careless = HelperProcess.start(makeFolder(folder.resolve("careless")), agent(), "")) {
            other.register(WORKLOAD);
            var before = fresh(careful);
            var _ = careless.awaitFiles();
            careful.awaitReady();

            exchange(other);

            careful.awaitRed("is spiffe://tiers.test/workload; make an entry for it or change spiffe_id");
            assertEquals(before, careful.svid());
            Await.until(
                    PATIENCE,
                    "the careless one does not believe the other agent",
                    () -> careless.svid().id().trustDomain().equals(ELSEWHERE));
            other.agent().kill();
            lead(home);
            home.startAgent();
            careful.awaitFilesAfter(before);
            assertGood(careful);
        }
    }

    /** The agent is gone, and another one answers where it did. */
    private static void exchange(Tier other) throws Exception {
        home.agent().kill();
        lead(other);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", TOGETHER})
    void revokedAuthority(String layout) throws Exception {
        try (var helper = HelperProcess.start(certs, agent(), layout)) {
            var before = fresh(helper);
            var former = home.bundle();

            var authority = home.replaceAuthority();
            var nodes = home.json("agent", "list");
            var _ = home.command("localauthority", "x509", "taint", "-authorityID", authority);
            // a node that joined by a token cannot come back with one that is revoked
            Await.until(PATIENCE, "the node's certificate stays", () -> !nodes.equals(home.json("agent", "list")));
            var _ = home.command("localauthority", "x509", "revoke", "-authorityID", authority);

            Await.until(
                    PATIENCE,
                    "the revoked authority stays",
                    () -> Collections.disjoint(bundle(), former.x509Authorities()));
            helper.awaitFilesAfter(before);
            Await.until(PATIENCE, "the files do not belong together", () -> {
                var after = helper.svid();
                var trusted = TrustBundle.ofX509(after.id().trustDomain(), bundle());
                return after.id().equals(X509SvidValidator.verify(after.chain(), trusted, Instant.now()));
            });
            assertGood(helper);
        }
    }

    private List<X509Certificate> bundle() throws IOException {
        return Pem.parseCertificates(Files.readAllBytes(certs.resolve("bundle.pem")));
    }
}
