// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.health;

import com.google.gson.JsonObject;
import io.countersign.helper.delivery.DeliveryException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * How it is with the files of one X.509 identity.
 *
 * @param name of the identity, for people
 * @param minValidity how long it has to be valid yet; if absent, nobody looks
 */
public record IdentityHealth(
        String name,
        WriteState written,
        NoticeState told,
        DiskFiles files,
        Optional<Duration> minValidity,
        InstantSource clock) {

    boolean isFailed() {
        return written.isFailed() || told.isFailed() || isTooOld();
    }

    boolean isReady() {
        return written.isWritten() && told.isDone() && !isTooOld();
    }

    /** Whether the files that are there, whoever wrote them and when, are about to end, or one is gone that was written. */
    private boolean isTooOld() {
        return minValidity.isPresent()
                && until().map(end -> end.isBefore(clock.instant().plus(minValidity.get())))
                        .orElse(written.isWritten());
    }

    private Optional<Instant> until() {
        try {
            return files.end().or(written::goodUntil);
        } catch (IOException | DeliveryException | IllegalArgumentException e) {
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
