// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.health;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.helper.TlsServer;
import io.countersign.spiffe.x509.Pem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When probes turn red that the original leaves green. */
final class IdentityHealthTest {
    private static final Duration WANTED = Duration.ofMinutes(10);

    @TempDir
    private Path folder;

    private final WriteState written = new WriteState();
    private final NoticeState told = new NoticeState();
    private Instant now = Instant.now();
    private Path file = Path.of("");

    @BeforeEach
    void write() throws Exception {
        file = folder.resolve("svid.pem");
        Files.writeString(file, Pem.certificates(TlsServer.svid().chain()));
        written.written(Optional.of(Instant.now().plus(Duration.ofHours(1))));
    }

    private WriteReport report(Optional<Duration> minValidity) {
        InstantSource clock = () -> now;
        var identity = new IdentityHealth("/certs", written, told, Optional.of(file), minValidity, clock);
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

    @Test
    void filesThatSomebodyHasDeletedAreRed() throws Exception {
        Files.delete(file);

        assertFalse(live());
        assertFalse(ready());
    }

    @Test
    void filesOfAnEarlierRunThatHaveEndedAreRedBeforeAnythingIsWritten() {
        var fresh = new WriteState();
        InstantSource clock = () -> now.plus(Duration.ofHours(2));
        var identity = new IdentityHealth("/certs", fresh, told, Optional.of(file), Optional.of(Duration.ZERO), clock);

        assertTrue(identity.isFailed());
    }

    @Test
    void nothingWrittenYetIsNotReadyAndNoFailure() throws Exception {
        Files.delete(file);
        var identity = new IdentityHealth(
                "/certs", new WriteState(), told, Optional.of(file), Optional.of(WANTED), InstantSource.system());

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
