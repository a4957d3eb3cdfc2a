// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The two databases that everything has to hold for. */
public enum Store {
    SQLITE {
        @Override
        public DatabaseSettings fresh(Path folder) {
            return new DatabaseSettings.Sqlite(folder.resolve("datastore.sqlite3"));
        }
    },
    POSTGRESQL {
        @Override
        public DatabaseSettings fresh(Path folder) {
            return DATABASES.computeIfAbsent(
                    folder, none -> RealPostgres.shared().database());
        }
    };

    private static final Map<Path, DatabaseSettings> DATABASES = new ConcurrentHashMap<>();

    /** That of the tests that do not say which: SQLite, unless the system property {@code countersign.store} names another. */
    public static Store standard() {
        return valueOf(System.getProperty("countersign.store", SQLITE.name()));
    }

    /** The one that belongs to the folder, empty at first. */
    public abstract DatabaseSettings fresh(Path folder);

    /** A database that can be closed and opened again. */
    public final class Opened implements AutoCloseable {
        private final DatabaseSettings settings;
        private Database database;

        Opened(Path folder) throws IOException {
            settings = fresh(folder);
            database = Database.open(settings);
        }

        public Database database() {
            return database;
        }

        /** As another process, or this one after a restart. */
        public Database again() throws IOException {
            database.close();
            database = Database.open(settings);
            return database;
        }

        public Database another() throws IOException {
            return Database.open(settings);
        }

        @Override
        public void close() {
            database.close();
        }
    }

    public Opened open(Path folder) throws IOException {
        return new Opened(folder);
    }
}
