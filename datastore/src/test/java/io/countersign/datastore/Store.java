// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import java.io.IOException;
import java.nio.file.Path;

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
            return RealPostgres.shared().database();
        }
    };

    /** An empty one. */
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
