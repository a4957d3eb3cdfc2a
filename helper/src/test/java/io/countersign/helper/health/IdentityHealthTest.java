// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.health;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.helper.TlsServer;
import io.countersign.helper.delivery.FileMode;
import io.countersign.helper.delivery.X509File;
import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509Svid;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When probes turn red that the original leaves green. */
final class IdentityHealthTest {
    private static final Duration WANTED = Duration.ofMinutes(10);

    @TempDir
    private Path folder;

    private final WriteState written = new WriteState();
    private final NoticeState told = new NoticeState();
    private Instant now = Instant.now();
    private final X509Svid svid = TlsServer.svid();
    private DiskFiles files = new DiskFiles(List.of());

    @BeforeEach
    void write() throws Exception {
        var chain = Files.writeString(folder.resolve("svid.pem"), Pem.certificates(svid.chain()));
        var key = Files.writeString(folder.resolve("key.pem"), Pem.privateKey(svid.privateKey()));
        var bundle = Files.writeString(folder.resolve("bundle.pem"), Pem.certificates(svid.chain()));
        files = new DiskFiles(List.of(
                new X509File.Bundle(bundle, FileMode.PUBLIC),
                new X509File.Key(key, FileMode.PRIVATE),
                new X509File.Chain(chain, FileMode.PUBLIC)));
        written.written(Optional.of(Instant.now().plus(Duration.ofHours(1))));
    }

    private WriteReport report(Optional<Duration> minValidity) {
        InstantSource clock = () -> now;
        var identity = new IdentityHealth("/certs", written, told, files, minValidity, clock);
        return new WriteReport(List.of(identity), Map.of(), minValidity.isPresent(), clock);
    }

    private boolean live() {
        return report(Optional.of(WANTED)).live().healthy();
    }

    private boolean ready() {
        return report(Optional.of(WANTED)).ready().healthy();
    }

    @Test
    void filesThatAreAboutToEndAreRed() {
        assertTrue(live());
        assertTrue(ready());

        now = now.plus(Duration.ofMinutes(51));

        assertFalse(live());
        assertFalse(ready());
        assertTrue(report(Optional.empty()).live().healthy(), "the original does not look");
        assertTrue(report(Optional.of(WANTED)).live().json().contains("\"fresh\":false"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"svid.pem", "key.pem", "bundle.pem"})
    void filesOfWhichSomebodyHasDeletedOneAreRed(String one) throws Exception {
        assertTrue(ready());

        Files.delete(folder.resolve(one));

        assertFalse(live());
        assertFalse(ready());
        assertTrue(report(Optional.empty()).ready().healthy(), "the original does not look");
    }

    @Test
    void keyStoreIsLookedInto() throws Exception {
        var store = folder.resolve("store.p12");
        var password = Files.writeString(folder.resolve("password"), "open sesame");
        writeStore(store, "spiffe");
        files = new DiskFiles(List.of(new X509File.Pkcs12(store, FileMode.PRIVATE, password, "spiffe")));
        // what was written is not what is there
        written.written(Optional.of(now.plus(Duration.ofDays(1))));
        assertTrue(live());
        assertTrue(ready());

        now = now.plus(Duration.ofMinutes(51));
        assertFalse(live());
        assertFalse(ready());

        now = now.minus(Duration.ofMinutes(51));
        assertTrue(ready());
        writeStore(store, "another");
        assertFalse(live(), "the key is not there");

        Files.delete(store);
        assertFalse(live());
        assertFalse(ready());
    }

    private void writeStore(Path file, String alias) throws Exception {
        var password = "open sesame".toCharArray();
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, password);
        store.setKeyEntry(alias, svid.privateKey(), password, svid.chain().toArray(X509Certificate[]::new));
        try (var out = Files.newOutputStream(file)) {
            store.store(out, password);
        }
    }

    @Test
    void folderOfBundlesThatIsEmptyOrGoneIsRed() throws Exception {
        var trust = Files.createDirectory(folder.resolve("trust"));
        var bundle = Files.writeString(trust.resolve("example.org.pem"), Pem.certificates(svid.chain()));
        files = new DiskFiles(List.of(new X509File.BundleFolder(trust, FileMode.PUBLIC)));
        assertTrue(ready());

        Files.delete(bundle);
        assertFalse(live());
        assertFalse(ready());

        Files.delete(trust);
        assertFalse(live());
        assertFalse(ready());
    }

    @Test
    void tokenThatSomebodyHasDeletedIsRed() throws Exception {
        var token = Files.createFile(folder.resolve("token"));
        var ours = new WriteReport(List.of(), Map.of(token, written), true, InstantSource.system());
        var original = new WriteReport(List.of(), Map.of(token, written), false, InstantSource.system());
        assertTrue(ours.ready().healthy());

        Files.delete(token);

        assertFalse(ours.live().healthy());
        assertFalse(ours.ready().healthy());
        assertTrue(original.ready().healthy(), "the original does not look");
    }

    @Test
    void filesOfAnEarlierRunThatHaveEndedAreRedBeforeAnythingIsWritten() {
        var fresh = new WriteState();
        InstantSource clock = () -> now.plus(Duration.ofHours(2));
        var identity = new IdentityHealth("/certs", fresh, told, files, Optional.of(Duration.ZERO), clock);

        assertTrue(identity.isFailed());
    }

    @Test
    void nothingWrittenYetIsNotReadyAndNoFailure() throws Exception {
        Files.delete(folder.resolve("svid.pem"));
        var identity = new IdentityHealth(
                "/certs", new WriteState(), told, files, Optional.of(WANTED), InstantSource.system());

        assertFalse(identity.isFailed());
        assertFalse(identity.isReady());
    }

    @Test
    void noticeThatIsDueIsNotReadyAndOneThatFailedIsRed() {
        told.due();
        assertTrue(live());
        assertFalse(ready());

        told.failed();
        assertFalse(live());
        assertFalse(ready());

        told.told();
        assertTrue(live());
        assertTrue(ready());
    }
}
