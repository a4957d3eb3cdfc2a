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
    /** Until the next try, so that not everybody waits for a service that does not answer. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private static final long PATIENCE_SECONDS = 2;
    /** More than a machine has users; whoever is root in a container can take on any number. */
    private static final int MOST = 10_000;

    private record Key(String database, int id) {}

    private record Known(Optional<String> name, Instant until) {}

    private final ConcurrentHashMap<Key, Known> cache = new ConcurrentHashMap<>();
    private final InstantSource clock;

    public NameService(InstantSource clock) {
        this.clock = clock;
    }

    /** Empty if nobody has this id, or if that cannot be told now. */
    public Optional<String> user(int uid) throws InterruptedException {
        return name(new Key("passwd", uid));
    }

    public Optional<String> group(int gid) throws InterruptedException {
        return name(new Key("group", gid));
    }

    private Optional<String> name(Key key) throws InterruptedException {
        var now = clock.instant();
        var known = cache.get(key);
        if (known != null && !known.until().isBefore(now)) {
            return known.name();
        }
        var line = ask(key);
        var name = line.filter(said -> said.indexOf(':') > 0).map(said -> said.substring(0, said.indexOf(':')));
        if (cache.size() >= MOST) {
            cache.clear();
        }
        cache.put(key, new Known(name, now.plus(line.isPresent() ? KEPT : PAUSE)));
        return name;
    }

    /** What it says, which is nothing of somebody it does not know; empty if it does not answer. */
    private static Optional<String> ask(Key key) throws InterruptedException {
        try {
            var getent = new ProcessBuilder("getent", key.database(), Integer.toString(key.id()))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                if (getent.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    return Optional.of(new String(getent.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
                }
                log.warn("getent {} {} did not answer in {} s", key.database(), key.id(), PATIENCE_SECONDS);
            } finally {
                getent.destroyForcibly();
            }
        } catch (IOException e) {
            log.warn("no names of users and groups: {}", e.getMessage());
        }
        return Optional.empty();
    }
}
