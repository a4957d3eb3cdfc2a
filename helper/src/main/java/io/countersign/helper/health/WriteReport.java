// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.health;

import com.google.gson.JsonObject;
import io.countersign.launch.health.HealthListener.Answer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The state of all files: live while no write has failed, ready when all have been written.
 *
 * @param x509 of the three X.509 files, if they are asked for
 * @param jwt by file
 */
public record WriteReport(Optional<WriteState> x509, Map<Path, WriteState> jwt) {
    public WriteReport {
        jwt = Map.copyOf(jwt);
    }

    public Answer live() {
        return answer(states().noneMatch(WriteState::isFailed));
    }

    public Answer ready() {
        return answer(states().allMatch(WriteState::isWritten));
    }

    private Stream<WriteState> states() {
        return Stream.concat(x509.stream(), jwt.values().stream());
    }

    private Answer answer(boolean healthy) {
        var statuses = new JsonObject();
        x509.ifPresent(state -> statuses.addProperty("x509_write_status", state.word()));
        var files = new JsonObject();
        new TreeMap<>(jwt).forEach((file, state) -> files.addProperty(file.toString(), state.word()));
        statuses.add("jwt_write_status", files);
        var health = new JsonObject();
        health.add("file_write_statuses", statuses);
        var body = new JsonObject();
        body.addProperty("status", healthy ? "OK" : "Service Unavailable");
        body.add("health", health);
        return new Answer(healthy, body.toString());
    }
}
