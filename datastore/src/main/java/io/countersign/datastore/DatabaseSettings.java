// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Which database to open, and how. */
public sealed interface DatabaseSettings {
    /** A file that one server has for itself. */
    record Sqlite(Path file) implements DatabaseSettings {}

    /**
     * One that several servers may share.
     *
     * @param migrate whether to bring it to this version's schema; otherwise it must have it
     */
    record Postgresql(ConnectionString connection, Pool pool, boolean migrate) implements DatabaseSettings {}

    /**
     * How many connections there are, beside the one that listens for changes.
     *
     * @param connections at most
     * @param idle how many stay open while nothing is to do
     * @param life after which a connection is replaced, half a minute or more; nothing for half an hour
     */
    record Pool(int connections, int idle, Optional<Duration> life) {
        public static final Duration SHORTEST_LIFE = Duration.ofSeconds(30);

        /** Fewer than the original's hundred, which is all that a PostgreSQL allows unless it is told otherwise. */
        public static final Pool STANDARD = new Pool(20, 2, Optional.empty());

        public Pool {
            if (connections < 1 || idle < 0) {
                throw new IllegalArgumentException(
                        connections + " connections with " + idle + " idle ones, expected at least 1 and 0");
            }
            idle = Math.min(idle, connections);
            life.filter(given -> given.compareTo(SHORTEST_LIFE) < 0).ifPresent(given -> {
                throw new IllegalArgumentException("a life of " + given.toSeconds() + "s, expected at least 30s");
            });
        }
    }
}
