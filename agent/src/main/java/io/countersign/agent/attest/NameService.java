// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
    /** Name, password, number, and what is not looked at: the members of a group may be many. */
    private static final int FIELDS = 4;

    private static final int LONGEST_BEGINNING = 1_024;
    private static final long LARGEST_ID = 0xFFFFFFFFL;

    private record Key(String database, int id) {}

    private record Known(Optional<String> name, Instant until) {}

    /** Those that were asked for last, so that numbers that are made up push each other out. Guarded by itself. */
    private final Map<Key, Known> cache = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Known> eldest) {
            return size() > MOST;
        }
    };

    private final InstantSource clock;
    private final String getent;

    public NameService(InstantSource clock) {
        this(clock, "getent");
    }

    /** @param getent the program that is asked */
    NameService(InstantSource clock, String getent) {
        this.clock = clock;
        this.getent = getent;
    }

    /** Empty if nobody has this id, or if that cannot be told now. */
    public Optional<String> user(int uid) throws InterruptedException {
        return Optional.ofNullable(names("passwd", Set.of(uid)).get(uid));
    }

    /** By their ids, without those that have none, or of which that cannot be told now. All are asked for at once. */
    public Map<Integer, String> groups(Set<Integer> gids) throws InterruptedException {
        return names("group", gids);
    }

    private Map<Integer, String> names(String database, Set<Integer> ids) throws InterruptedException {
        var now = clock.instant();
        var names = new HashMap<Integer, String>();
        var unknown = new ArrayList<Integer>();
        synchronized (cache) {
            for (var id : ids) {
                var known = cache.get(new Key(database, id));
                if (known == null || known.until().isBefore(now)) {
                    unknown.add(id);
                } else {
                    known.name().ifPresent(name -> names.put(id, name));
                }
            }
        }
        if (!unknown.isEmpty()) {
            var said = ask(database, unknown);
            var until = now.plus(said.isPresent() ? KEPT : PAUSE);
            synchronized (cache) {
                for (var id : unknown) {
                    var name = said.flatMap(all -> Optional.ofNullable(all.get(id)));
                    name.ifPresent(found -> names.put(id, found));
                    cache.put(new Key(database, id), new Known(name, until));
                }
            }
        }
        return names;
    }

    /** What it says, which is nothing of those it does not know; empty if it does not answer. */
    private Optional<Map<Integer, String>> ask(String database, List<Integer> ids) throws InterruptedException {
        var command = new ArrayList<>(List.of(getent, database));
        ids.forEach(id -> command.add(Integer.toUnsignedString(id)));
        try {
            var process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            // read while it speaks: a pipe that is full would hold it up
            var reading = new FutureTask<>(() -> read(process.getInputStream()));
            Thread.ofPlatform().name("getent").daemon().start(reading);
            try {
                return Optional.of(reading.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            } catch (TimeoutException e) {
                log.warn("getent {} did not answer about {} ids in {} s", database, ids.size(), PATIENCE_SECONDS);
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            log.warn("no names of users and groups: {}", e.getMessage());
        } catch (ExecutionException e) {
            log.warn("no names of users and groups: {}", String.valueOf(e.getCause()));
        }
        return Optional.empty();
    }

    private static Map<Integer, String> read(InputStream said) throws IOException {
        var names = new HashMap<Integer, String>();
        var beginning = new StringBuilder();
        try (var letters = new BufferedReader(new InputStreamReader(said, StandardCharsets.UTF_8))) {
            for (int letter = letters.read(); letter >= 0; letter = letters.read()) {
                if (letter == '\n') {
                    note(beginning.toString(), names);
                    beginning.setLength(0);
                } else if (beginning.length() < LONGEST_BEGINNING) {
                    beginning.append((char) letter);
                }
            }
        }
        return names;
    }

    private static void note(String line, Map<Integer, String> names) {
        var fields = line.split(":", FIELDS);
        if (fields.length == FIELDS && !fields[0].isEmpty() && fields[2].matches("\\d{1,10}")) {
            long id = Long.parseLong(fields[2]);
            if (id <= LARGEST_ID) {
                names.putIfAbsent((int) id, fields[0]);
            }
        }
    }
}
