// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import io.countersign.spiffe.x509.Pem;
import io.countersign.spiffe.x509.X509SvidException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.ssl.DefaultJavaSSLFactory;

/**
 * Where a PostgreSQL is and who logs in there, in either of libpq's forms: {@code host=db dbname=spire user=spire} or
 * {@code postgres://spire@db/spire}. What is left out is as with the original's driver: what libpq's environment variables say,
 * or else localhost, port 5432, the user of the operating system, a database of the user's name, encryption without a check of
 * the server. Its text holds no password.
 */
public final class ConnectionString {
    private static final int HIGHEST_PORT = 65535;
    private static final int ANSWER_SECONDS = 30;

    /** By libpq's names; the rest of what the driver can do is refused by name. */
    private static final Map<String, String> DRIVER_NAMES = Map.of(
            "user", "user",
            "password", "password",
            "sslmode", "sslmode",
            "sslrootcert", "sslrootcert",
            "sslcert", "sslcert",
            "sslkey", "sslkey",
            "sslpassword", "sslpassword",
            "connect_timeout", "connectTimeout",
            "application_name", "ApplicationName",
            "search_path", "currentSchema");

    private static final Set<String> PLACES = Set.of("host", "port", "dbname");
    private static final String VERIFYING = "verify-";
    private static final Set<String> SSL_MODES =
            Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

    private final Map<String, String> values;

    private ConnectionString(Map<String, String> values) {
        this.values = values;
    }

    /**
     * What it leaves out is taken from this process's environment.
     *
     * @throws IllegalArgumentException with words that do not repeat a password
     */
    public static ConnectionString parse(String text) {
        return parse(text, System.getenv());
    }

    static ConnectionString parse(String text, Map<String, String> environment) {
        var written = text.startsWith("postgres://") || text.startsWith("postgresql://") ? ofUrl(text) : ofWords(text);
        written.forEach((key, value) -> {
            if (!DRIVER_NAMES.containsKey(key) && !PLACES.contains(key)) {
                var known = new TreeSet<>(DRIVER_NAMES.keySet());
                known.addAll(PLACES);
                throw new IllegalArgumentException("\"" + key + "\" is not supported, expected only " + known);
            }
            check(key, key, value);
        });
        var values = new LinkedHashMap<>(PostgresVariables.read(environment));
        values.putAll(written);
        values.putIfAbsent("host", "localhost");
        values.putIfAbsent("port", "5432");
        values.putIfAbsent("dbname", values.getOrDefault("user", ""));
        values.putIfAbsent("sslmode", "require");
        values.putIfAbsent("application_name", "countersign");
        check(values);
        return new ConnectionString(values);
    }

    /** @param name what the value is called where it was found */
    static void check(String name, String key, String value) {
        switch (key) {
            case "sslmode" -> {
                if (!SSL_MODES.contains(value)) {
                    throw new IllegalArgumentException(
                            name + " \"" + value + "\" was found, expected one of " + new TreeSet<>(SSL_MODES));
                }
            }
            case "host" -> {
                if (value.startsWith("/")) {
                    throw new IllegalArgumentException(name + " \"" + value
                            + "\" is a folder of Unix sockets, which are not supported; expected a host name");
                }
            }
            case "port" -> {
                for (var port : value.split(",", -1)) {
                    if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > HIGHEST_PORT) {
                        throw new IllegalArgumentException(name + " \"" + port + "\" was found, expected a number");
                    }
                }
            }
            case "connect_timeout" -> {
                if (!value.matches("[0-9]{1,6}")) {
                    throw new IllegalArgumentException(name + " \"" + value + "\" was found, expected whole seconds");
                }
            }
            default -> {}
        }
    }

    /** That all of them can be together. */
    private static void check(Map<String, String> values) {
        var mode = values.getOrDefault("sslmode", "");
        if (mode.startsWith(VERIFYING) && values.containsKey("sslcert") && !values.containsKey("sslrootcert")) {
            throw new IllegalArgumentException("sslcert with sslmode " + mode
                    + " was found without sslrootcert, expected the authorities to trust");
        }
        int ports = values.getOrDefault("port", "").split(",", -1).length;
        int hosts = values.getOrDefault("host", "").split(",", -1).length;
        if (ports != 1 && ports != hosts) {
            throw new IllegalArgumentException(ports + " ports for " + hosts + " hosts, expected one, or one for each");
        }
    }

    private static Map<String, String> ofUrl(String text) {
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            // its own words repeat the text, and so a password
            throw new IllegalArgumentException("no URL of a database, expected postgres://USER:PASSWORD@HOST/DATABASE");
        }
        var values = new LinkedHashMap<String, String>();
        var authority = url.getRawAuthority();
        if (authority != null) {
            int at = authority.lastIndexOf('@');
            if (at >= 0) {
                var user = authority.substring(0, at).split(":", 2);
                values.put("user", decoded(user[0]));
                if (user.length > 1) {
                    values.put("password", decoded(user[1]));
                }
            }
            places(authority.substring(at + 1), values);
        }
        var path = url.getRawPath();
        if (path != null && path.length() > 1) {
            values.put("dbname", decoded(path.substring(1)));
        }
        var query = url.getRawQuery();
        if (query != null && !query.isEmpty()) {
            for (var pair : query.split("&", -1)) {
                var parts = pair.split("=", 2);
                values.put(decoded(parts[0]), parts.length > 1 ? decoded(parts[1]) : "");
            }
        }
        return values;
    }

    private static void places(String text, Map<String, String> values) {
        var hosts = new ArrayList<String>();
        var ports = new ArrayList<String>();
        for (var place : text.split(",", -1)) {
            int colon = place.lastIndexOf(':');
            boolean port = colon > place.lastIndexOf(']');
            hosts.add(decoded(port ? place.substring(0, colon) : place));
            if (port) {
                ports.add(place.substring(colon + 1));
            }
        }
        if (!text.isEmpty()) {
            values.put("host", String.join(",", hosts));
        }
        if (!ports.isEmpty()) {
            values.put("port", String.join(",", ports));
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** {@code key = value}, where a value may be quoted and a backslash takes what follows as it is. */
    private static Map<String, String> ofWords(String text) {
        var values = new LinkedHashMap<String, String>();
        int at = skipped(text, 0);
        while (at < text.length()) {
            int equals = text.indexOf('=', at);
            if (equals < 0) {
                throw new IllegalArgumentException("a word without \"=\", expected KEY=VALUE pairs or a URL");
            }
            var key = text.substring(at, equals).strip();
            int from = skipped(text, equals + 1);
            boolean quoted = from < text.length() && text.charAt(from) == '\'';
            var value = new StringBuilder();
            int next = value(text, quoted ? from + 1 : from, quoted, value);
            values.put(key, value.toString());
            at = skipped(text, next);
        }
        return values;
    }

    private static int value(String text, int from, boolean quoted, StringBuilder value) {
        int at = from;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (quoted ? c == '\'' : Character.isWhitespace(c)) {
                return at + 1;
            }
            if (c == '\\' && at + 1 < text.length()) {
                at++;
            }
            value.append(text.charAt(at));
            at++;
        }
        if (quoted) {
            throw new IllegalArgumentException("a quoted value without an end, expected another \"'\"");
        }
        return at;
    }

    private static int skipped(String text, int from) {
        int at = from;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** @throws IOException if the key to log in with cannot be read */
    PGSimpleDataSource source() throws IOException {
        var source = new PGSimpleDataSource();
        var hosts = list("host");
        var ports = list("port").stream().map(Integer::valueOf).toList();
        source.setServerNames(hosts.toArray(String[]::new));
        source.setPortNumbers((ports.size() == 1 ? Collections.nCopies(hosts.size(), ports.getFirst()) : ports)
                .stream().mapToInt(port -> port).toArray());
        if (hosts.size() > 1) {
            // a standby lags behind: what is in memory is newer
            set(source, "targetServerType", "primary");
        }
        source.setDatabaseName(values.get("dbname"));
        source.setTcpKeepAlive(true);
        // it would repeat what was to be written
        source.setLogServerErrorDetail(false);
        // a machine that is gone does not say so
        source.setSocketTimeout(ANSWER_SECONDS);
        for (var value : values.entrySet()) {
            var name = DRIVER_NAMES.get(value.getKey());
            if (name != null) {
                set(source, name, value.getValue());
            }
        }
        if (values.getOrDefault("sslmode", "").startsWith(VERIFYING) && !values.containsKey("sslrootcert")) {
            // the driver would look for a file in the home directory; the original's trusts what the system does
            source.setSslfactory(DefaultJavaSSLFactory.class.getName());
        }
        var key = values.get("sslkey");
        if (key != null) {
            set(source, "pemKeyAlgorithm", algorithm(Path.of(key)));
        }
        return source;
    }

    private static void set(PGSimpleDataSource source, String name, String value) {
        try {
            source.setProperty(name, value);
        } catch (SQLException e) {
            throw new IllegalStateException("the driver of PostgreSQL has another name for " + name, e);
        }
    }

    /** The driver wants to be told; the key itself it reads again for each connection. */
    private static String algorithm(Path key) throws IOException {
        try {
            return Pem.parsePrivateKey(Files.readAllBytes(key)).getAlgorithm();
        } catch (X509SvidException e) {
            throw new IOException("sslkey " + key + " cannot be read: " + e.getMessage(), e);
        }
    }

    private List<String> list(String key) {
        return List.of(values.getOrDefault(key, "").split(",", -1));
    }

    /** Without the password, and whatever else only the two sides need to know. */
    @Override
    public String toString() {
        return "postgres://" + values.get("user") + "@" + values.get("host") + ":" + values.get("port") + "/"
                + values.get("dbname");
    }
}
