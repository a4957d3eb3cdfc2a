// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.health;

import com.google.gson.JsonObject;
import io.countersign.launch.health.HealthListener.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The state of all files: live while nothing has failed, ready when all is done.
 *
 * @param x509 of each X.509 identity
 * @param jwt by file
 * @param ours whether more is judged and told than the original does: the age of files, and each identity by itself
 */
public record WriteReport(List<IdentityHealth> x509, Map<Path, WriteState> jwt, boolean ours, InstantSource clock) {
    public WriteReport {
        x509 = List.copyOf(x509);
        jwt = Map.copyOf(jwt);
    }

    public Answer live() {
        return answer(x509.stream().noneMatch(IdentityHealth::isFailed)
                && jwt.entrySet().stream()
                        .noneMatch(each -> each.getValue().isFailed() || isOfNoUse(each.getKey(), each.getValue())));
    }

    public Answer ready() {
        return answer(x509.stream().allMatch(IdentityHealth::isReady)
                && jwt.entrySet().stream()
                        .allMatch(each -> each.getValue().isWritten() && !isOfNoUse(each.getKey(), each.getValue())));
    }

    /** Whether what was written has ended, or somebody has deleted it. */
    private boolean isOfNoUse(Path file, WriteState state) {
        boolean hasEnded =
                state.goodUntil().filter(end -> end.isBefore(clock.instant())).isPresent();
        boolean isGone = state.isWritten() && !Files.exists(file);
        return ours && (hasEnded || isGone);
    }

    private Answer answer(boolean healthy) {
        var statuses = new JsonObject();
        if (!x509.isEmpty()) {
            statuses.addProperty("x509_write_status", word());
        }
        var files = new JsonObject();
        new TreeMap<>(jwt).forEach((file, state) -> files.addProperty(file.toString(), state.word()));
        statuses.add("jwt_write_status", files);
        var health = new JsonObject();
        health.add("file_write_statuses", statuses);
        if (ours) {
            var identities = new JsonObject();
            x509.forEach(identity -> identities.add(identity.name(), identity.json()));
            health.add("identities", identities);
        }
        var body = new JsonObject();
        body.addProperty("status", healthy ? "OK" : "Service Unavailable");
        body.add("health", health);
        return new Answer(healthy, body.toString());
    }

    /** The worst of all. */
    private String word() {
        var states = x509.stream().map(IdentityHealth::written).toList();
        return states.stream()
                .filter(WriteState::isFailed)
                .findFirst()
                .or(() -> states.stream()
                        .filter(Predicate.not(WriteState::isWritten))
                        .findFirst())
                .orElse(states.getFirst())
                .word();
    }
}
