// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What libpq's environment variables say of a database, for what a connection string leaves out. As with the original's driver,
 * one that it could not follow is refused, or else a connection would be less than what somebody has asked for.
 */
final class PostgresVariables {
    private static final Map<String, String> KEYS = new TreeMap<>(Map.ofEntries(
            Map.entry("PGHOST", "host"),
            Map.entry("PGPORT", "port"),
            Map.entry("PGDATABASE", "dbname"),
            Map.entry("PGUSER", "user"),
            Map.entry("PGPASSWORD", "password"),
            Map.entry("PGAPPNAME", "application_name"),
            Map.entry("PGCONNECT_TIMEOUT", "connect_timeout"),
            Map.entry("PGSSLMODE", "sslmode"),
            Map.entry("PGSSLROOTCERT", "sslrootcert"),
            Map.entry("PGSSLCERT", "sslcert"),
            Map.entry("PGSSLKEY", "sslkey")));

    /** Empty, they are refused by the original as well. */
    private static final Set<String> NEVER_EMPTY = Set.of("PGPORT", "PGCONNECT_TIMEOUT", "PGSSLMODE");

    private static final Set<String> UNSUPPORTED = Set.of(
            "PGCHANNELBINDING",
            "PGCLIENTENCODING",
            "PGDATESTYLE",
            "PGGEQO",
            "PGGSSDELEGATION",
            "PGGSSENCMODE",
            "PGGSSLIB",
            "PGHOSTADDR",
            "PGKRBSRVNAME",
            "PGLOADBALANCEHOSTS",
            "PGMAXPROTOCOLVERSION",
            "PGMINPROTOCOLVERSION",
            "PGOPTIONS",
            "PGPASSFILE",
            "PGREALM",
            "PGREQUIREAUTH",
            "PGREQUIREPEER",
            "PGREQUIRESSL",
            "PGSERVICE",
            "PGSSLCERTMODE",
            "PGSSLCOMPRESSION",
            "PGSSLCRL",
            "PGSSLCRLDIR",
            "PGSSLNEGOTIATION",
            "PGSSLSNI",
            "PGTARGETSESSIONATTRS",
            "PGTZ",
            "SSLPGMAXPROTOCOLVERSION",
            "SSLPGMINPROTOCOLVERSION");

    /** What the driver of PostgreSQL for Java does anyway. */
    private static final Map<String, String> AS_IT_IS = Map.of("PGCLIENTENCODING", "UTF8", "PGDATESTYLE", "ISO, MDY");

    private PostgresVariables() {}

    /**
     * By the keys of connection strings.
     *
     * @throws IllegalArgumentException if a variable is set that is not supported, or has no value that it may have
     */
    static Map<String, String> read(Map<String, String> environment) {
        for (var variable : new TreeMap<>(environment).entrySet()) {
            var name = variable.getKey();
            if (UNSUPPORTED.contains(name) && !variable.getValue().equals(AS_IT_IS.get(name))) {
                throw new IllegalArgumentException(
                        "the environment variable " + name + " is set, which is not supported; unset it");
            }
        }
        var values = new LinkedHashMap<String, String>();
        KEYS.forEach((name, key) -> {
            var value = environment.get(name);
            if (value != null && (!value.isEmpty() || NEVER_EMPTY.contains(name))) {
                ConnectionString.check("the environment variable " + name, key, value);
                values.put(key, value);
            }
        });
        var user = environment.getOrDefault("USER", "");
        values.putIfAbsent("user", user.isEmpty() ? System.getProperty("user.name") : user);
        return values;
    }
}
