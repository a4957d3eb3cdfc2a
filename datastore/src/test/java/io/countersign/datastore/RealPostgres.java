// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import io.countersign.datastore.DatabaseSettings.Pool;
import io.countersign.datastore.DatabaseSettings.Postgresql;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** PostgreSQL out of the embedded binaries, with an empty schema for whoever asks. */
public final class RealPostgres implements AutoCloseable {
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    private static final String USER = "spire";

    /** With characters that have a meaning in a connection string. */
    public static final String PASSWORD = "p'w\\ d&%/";

    private final Path folder;
    private final int port;
    private @Nullable Process server;

    private static final class Shared {
        static final RealPostgres INSTANCE = started();

        private static RealPostgres started() {
            try {
                var postgres = new RealPostgres();
                Runtime.getRuntime().addShutdownHook(new Thread(postgres::close));
                return postgres;
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException("PostgreSQL cannot be started", e);
            }
        }
    }

    /** One for all tests of this process, which are not to stop it. */
    public static RealPostgres shared() {
        return Shared.INSTANCE;
    }

    /** One that a test has for itself, started. */
    public RealPostgres() throws IOException, InterruptedException {
        folder = Files.createTempDirectory("countersign-postgres");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        unpack();
        Files.writeString(folder.resolve("password"), PASSWORD);
        own();
        run(List.of(
                "bin/initdb",
                "-D",
                "data",
                "-U",
                USER,
                "--pwfile=password",
                "--auth=scram-sha-256",
                "-E",
                "UTF8",
                "--no-locale",
                "--no-sync"));
        port = freePort();
        start();
    }

    private RealPostgres(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /** One more, started, that follows this one and may be promoted: what is committed from now on is at both. */
    public RealPostgres standby() throws IOException, InterruptedException, SQLException {
        var copy = Files.createTempDirectory("countersign-postgres");
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
        var standby = new RealPostgres(copy, freePort());
        try (var connection = connect("postgres");
                var backup = connection.createStatement()) {
            backup.execute("SELECT pg_backup_start('standby', true)");
            new ProcessBuilder("cp", "-a", folder + "/.", copy.toString())
                    .start()
                    .waitFor();
            try (var label = backup.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
                label.next();
                Files.writeString(copy.resolve("data/backup_label"), label.getString(1));
            }
        }
        Files.delete(copy.resolve("data/postmaster.pid"));
        Files.createFile(copy.resolve("data/standby.signal"));
        Files.writeString(
                copy.resolve("data/postgresql.auto.conf"),
                "primary_conninfo = '"
                        + connectionString("postgres").replace("\\", "\\\\").replace("'", "''") + "'\n");
        standby.own();
        standby.start();
        execute("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'");
        execute("postgres", "SELECT pg_reload_conf()");
        await("the standby is not in step", () -> isTrue("SELECT sync_state = 'sync' FROM pg_stat_replication"));
        return standby;
    }

    /** Lets one that follows take the place of the one that it followed. */
    public void promote() {
        execute("postgres", "SELECT pg_promote()");
    }

    /** Ends all sessions, as a network does that drops its connections. */
    public void cut() {
        execute(
                "template1",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        + " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
    }

    private boolean isTrue(String question) {
        try (var connection = connect("postgres");
                var sql = connection.createStatement();
                var answer = sql.executeQuery(question)) {
            return answer.next() && answer.getBoolean(1);
        } catch (SQLException e) {
            throw new IllegalStateException(question, e);
        }
    }

    /** Returns when logins are answered. */
    public void start() throws IOException {
        server = command(List.of(
                        "bin/postgres",
                        "-D",
                        "data",
                        "-p",
                        String.valueOf(port),
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        // a test kills the program and not the machine
                        "fsync=off"))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        var started = server;
        // one that follows another says that it accepts those that only read
        await("PostgreSQL does not start", () -> log().contains("ready to accept ") || !started.isAlive());
        if (!started.isAlive()) {
            throw new IOException("PostgreSQL has ended: " + log());
        }
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private void await(String otherwise, Condition condition) throws IOException {
        var end = Instant.now().plusSeconds(30);
        while (!condition.holds()) {
            if (Instant.now().isAfter(end)) {
                throw new IOException(otherwise + ": " + log());
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    /** As a power cut would: no session ends in order. */
    public void kill() {
        var running = server;
        if (running != null) {
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly();
            try {
                running.waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** An empty schema of its own, which costs less than a database. */
    public Postgresql database() {
        var name = "t" + UUID.randomUUID().toString().replace("-", "");
        execute("postgres", "CREATE SCHEMA " + name);
        return opened(connectionString("postgres") + " search_path=" + name);
    }

    public Postgresql settings(String database) {
        return opened(connectionString(database));
    }

    private static Postgresql opened(String connection) {
        return new Postgresql(ConnectionString.parse(connection), new Pool(4, 1, Optional.empty()), true);
    }

    public String connectionString(String database) {
        return "host=127.0.0.1 port=" + port + " user=" + USER + " password='"
                + PASSWORD.replace("\\", "\\\\").replace("'", "\\'") + "' dbname=" + database + " sslmode=disable";
    }

    public int port() {
        return port;
    }

    /** Runs a statement in a session of its own. */
    public void execute(String database, String statement) {
        try (var connection = connect(database);
                var sql = connection.createStatement()) {
            sql.execute(statement);
        } catch (SQLException e) {
            throw new IllegalStateException(statement, e);
        }
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?sslmode=disable", USER, PASSWORD);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    @Override
    public void close() {
        kill();
        try {
            new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(folder + " stays", e);
        }
    }

    private void unpack() throws IOException, InterruptedException {
        try (var archive = RealPostgres.class.getResourceAsStream("/postgres-linux-x86_64.txz")) {
            if (archive == null) {
                throw new IOException("the embedded binaries are not on the class path");
            }
            var tar = new ProcessBuilder("tar", "xJf", "-", "-C", folder.toString()).start();
            try (var in = tar.getOutputStream()) {
                archive.transferTo(in);
            }
            tar.waitFor();
        }
    }

    /** PostgreSQL refuses to be root, and wants its files to be its own. */
    private void own() throws IOException, InterruptedException {
        if (ROOT) {
            new ProcessBuilder("chown", "-R", "65534:65534", folder.toString())
                    .start()
                    .waitFor();
        }
    }

    private void run(List<String> words) throws IOException, InterruptedException {
        var process = command(words).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(words + ": " + output);
        }
    }

    private ProcessBuilder command(List<String> words) {
        var all = new ArrayList<String>();
        if (ROOT) {
            all.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        }
        all.addAll(words);
        var builder = new ProcessBuilder(all).directory(folder.toFile());
        builder.environment().put("LC_ALL", "C");
        return builder;
    }
}
