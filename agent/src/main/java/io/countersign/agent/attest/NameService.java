// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names of users and groups as the system's name service knows them, directories included; Java has no call for it, so
 * {@code getent} is asked and its answer kept for a minute. Thread-safe.
 */
public final class NameService {
    private static final Logger log = LoggerFactory.getLogger(NameService.class);
    private static final Duration KEPT = Duration.ofMinutes(1);
    private static final long PATIENCE_SECONDS = 2;

    private record Key(String database, int id) {}

    private record Known(Optional<String> name, Instant until) {}

    private final ConcurrentHashMap<Key, Known> cache = new ConcurrentHashMap<>();
    private final InstantSource clock;

    public NameService(InstantSource clock) {
        this.clock = clock;
    }

    /** Empty if nobody has this id. */
    public Optional<String> user(int uid) {
        return name(new Key("passwd", uid));
    }

    public Optional<String> group(int gid) {
        return name(new Key("group", gid));
    }

    private Optional<String> name(Key key) {
        var now = clock.instant();
        var known = cache.get(key);
        if (known == null || known.until().isBefore(now)) {
            known = new Known(ask(key), now.plus(KEPT));
            cache.put(key, known);
        }
        return known.name();
    }

    private static Optional<String> ask(Key key) {
        try {
            var getent = new ProcessBuilder("getent", key.database(), Integer.toString(key.id()))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!getent.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                getent.destroyForcibly();
                log.warn("getent {} {} did not answer in {} s", key.database(), key.id(), PATIENCE_SECONDS);
                return Optional.empty();
            }
            var line = new String(getent.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int colon = line.indexOf(':');
            return colon < 1 ? Optional.empty() : Optional.of(line.substring(0, colon));
        } catch (IOException e) {
            log.warn("no names of users and groups: {}", e.getMessage());
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
