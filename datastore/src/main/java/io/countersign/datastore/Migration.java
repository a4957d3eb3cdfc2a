// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import java.io.IOException;
import java.util.Locale;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** The steps that bring a database to this version's schema, one folder of them for each kind of database. */
enum Migration {
    SQLITE,
    POSTGRESQL;

    /** @throws IOException if a step fails, or the database is of a later version */
    void apply(DataSource database, String name) throws IOException {
        try {
            flyway(database).migrate();
        } catch (FlywayException e) {
            throw new IOException(name + " cannot be brought to this version's schema: " + e.getMessage(), e);
        }
    }

    /** @throws IOException if the schema is not that of this version */
    void check(DataSource database, String name) throws IOException {
        try {
            flyway(database).validate();
        } catch (FlywayException e) {
            throw new IOException(
                    name + " has not this version's schema, and disable_migration is set: " + e.getMessage(), e);
        }
    }

    private Flyway flyway(DataSource database) {
        return Flyway.configure(Migration.class.getClassLoader())
                .dataSource(database)
                .locations("classpath:io/countersign/datastore/migration/" + name().toLowerCase(Locale.ROOT))
                .failOnMissingLocations(true)
                .validateOnMigrate(true)
                .load();
    }
}
