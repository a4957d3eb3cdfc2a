// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.datastore.ConnectionString;
import io.countersign.datastore.DatabaseSettings;
import io.countersign.datastore.DatabaseSettings.Pool;
import io.countersign.datastore.DatabaseSettings.Postgresql;
import io.countersign.datastore.DatabaseSettings.Sqlite;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigBlock.LabeledBlock;
import java.nio.file.Path;
import java.util.List;

/** The block {@code DataStore "sql"}. No problem that it reports repeats a connection string, which may hold a password. */
final class DatastoreSection {
    private static final String CONNECTION = "connection_string";
    private static final List<String> OF_MYSQL = List.of("root_ca_path", "client_cert_path", "client_key_path");
    private static final String MOST = "max_open_conns";
    private static final String MOST_IDLE = "max_idle_conns";
    private static final String LIFE = "conn_max_lifetime";
    private static final String AS_IT_IS = "disable_migration";

    private DatastoreSection() {}

    /** @param instead what stands for a database where a problem is reported */
    static DatabaseSettings read(LabeledBlock store, Path instead, Notices notices) {
        var data = PluginSection.data(store);
        if (!store.label().equals("sql")) {
            PluginSection.refuse(store, data, "datastore", "sql");
            return new Sqlite(instead);
        }
        if (data.isEmpty()) {
            store.block().problem("plugin_data", "is missing, expected database_type and connection_string in it");
            return new Sqlite(instead);
        }
        return read(data.get(), instead, notices);
    }

    private static DatabaseSettings read(ConfigBlock data, Path instead, Notices notices) {
        for (var key : OF_MYSQL) {
            data.refuse(
                    key,
                    "is a setting for mysql, which is not supported; for postgres write sslrootcert, sslcert and sslkey"
                            + " into connection_string");
        }
        data.refuse(
                "ro_connection_string",
                "is not supported, because a replica that lags behind would take entries from agents; remove it");
        var blocks = data.labeledBlocks("database_type");
        if (!blocks.isEmpty()) {
            blocks.forEach(block -> block.block().anyKeys());
            return unknown(data, blocks.getLast().label(), instead);
        }
        var type = data.string("database_type", "");
        return switch (type) {
            case "sqlite3" -> sqlite(data, instead, notices);
            case "postgres" -> postgresql(data, instead);
            default -> unknown(data, type, instead);
        };
    }

    private static DatabaseSettings unknown(ConfigBlock data, String type, Path instead) {
        data.anyKeys();
        data.problem(
                "database_type",
                "\"" + type + "\" "
                        + (type.equals("mysql") || type.startsWith("aws_") || type.startsWith("azure_")
                                ? "is a database of the original that is not supported here"
                                : "was found")
                        + ", expected sqlite3 or postgres");
        return new Sqlite(instead);
    }

    private static DatabaseSettings sqlite(ConfigBlock data, Path instead, Notices notices) {
        if (data.bool(AS_IT_IS, false)) {
            data.problem(AS_IT_IS, "is not supported with sqlite3; remove it");
        }
        data.integer(MOST, 0);
        data.integer(MOST_IDLE, 0);
        data.duration(LIFE);
        for (var key : List.of(MOST, MOST_IDLE, LIFE)) {
            if (data.has(key)) {
                notices.add(data, key, "has no effect with sqlite3, which has connections of its own");
            }
        }
        var connection = data.string(CONNECTION, "");
        if (connection.isEmpty() || connection.contains("?") || connection.contains(":memory:")) {
            data.problem(CONNECTION, "\"" + connection + "\" was found, expected the path of a file");
            return new Sqlite(instead);
        }
        return new Sqlite(
                Path.of(connection.startsWith("file:") ? connection.substring("file:".length()) : connection));
    }

    private static DatabaseSettings postgresql(ConfigBlock data, Path instead) {
        var text = data.string(CONNECTION, "");
        var pool = pool(data);
        boolean migrate = !data.bool(AS_IT_IS, false);
        if (text.isEmpty()) {
            data.problem(CONNECTION, "is missing, expected one like \"host=db dbname=spire user=spire\"");
            return new Sqlite(instead);
        }
        try {
            return new Postgresql(ConnectionString.parse(text), pool, migrate);
        } catch (IllegalArgumentException e) {
            data.problem(CONNECTION, String.valueOf(e.getMessage()));
            return new Sqlite(instead);
        }
    }

    private static Pool pool(ConfigBlock data) {
        var standard = Pool.STANDARD;
        int connections = atLeast(1, data, MOST, standard.connections());
        int idle = atLeast(0, data, MOST_IDLE, standard.idle());
        var life = data.duration(LIFE);
        if (life.isPresent() && life.get().compareTo(Pool.SHORTEST_LIFE) < 0) {
            data.problem(
                    LIFE,
                    life.get().toSeconds() + "s was found, expected at least " + Pool.SHORTEST_LIFE.toSeconds() + "s");
            return standard;
        }
        return new Pool(connections, idle, life);
    }

    private static int atLeast(int least, ConfigBlock data, String key, int absent) {
        int number = data.integer(key, absent);
        if (number < least) {
            data.problem(key, number + " was found, expected " + least + " or more");
            return absent;
        }
        return number;
    }
}
