// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.health;

import com.google.gson.JsonObject;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * How it is with the files of one X.509 identity.
 *
 * @param name of the identity, for people
 * @param certificates a file whose first certificate says how old the files are
 * @param minValidity how long it has to be valid yet; if absent, nobody looks
 */
public record IdentityHealth(
        String name,
        WriteState written,
        NoticeState told,
        Optional<Path> certificates,
        Optional<Duration> minValidity,
        InstantSource clock) {

    boolean isFailed() {
        return written.isFailed() || told.isFailed() || isTooOld();
    }

    boolean isReady() {
        return written.isWritten() && told.isDone() && !isTooOld();
    }

    /** Whether the files that are there, whoever wrote them and when, are about to end. */
    private boolean isTooOld() {
        return minValidity.isPresent()
                && until().map(end -> end.isBefore(clock.instant().plus(minValidity.get())))
                        .orElse(written.isWritten());
    }

    /** From the disk, since somebody may have deleted or replaced what was written. */
    private Optional<Instant> until() {
        if (certificates.isEmpty()) {
            return written.goodUntil();
        }
        try {
            var leaf = Pem.parseCertificates(Files.readAllBytes(certificates.get()))
                    .getFirst();
            return Optional.of(leaf.getNotAfter().toInstant());
        } catch (IOException | IllegalArgumentException e) {
            // what cannot be read is of no use to its readers either
            return Optional.empty();
        }
    }

    JsonObject json() {
        var json = new JsonObject();
        json.addProperty("write_status", written.word());
        json.addProperty("notification_status", told.word());
        until().ifPresent(end -> json.addProperty("expires_at", end.toString()));
        json.addProperty("fresh", !isTooOld());
        return json;
    }
}
