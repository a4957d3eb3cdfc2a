// SPDX-License-Identifier: Apache-2.0
package io.countersign.backend;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** PostgreSQL 18 out of the embedded binaries, set up with the very files that the demo uses. */
public final class RealPostgres implements AutoCloseable {
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    private static final Path SQL = Path.of("../stack/src/main/resources/io/countersign/stack/sql");

    public final int port;
    private final Path folder;
    private final Map<String, String> values;
    private @Nullable Process server;

    public RealPostgres(TestAuthority authority, String boundId, String serverId) throws Exception {
        folder = Files.createTempDirectory("countersign-postgres");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        port = freePort();
        values = Map.of(
                "ROLE",
                "demouser",
                "DATABASE",
                "demo",
                "OWNER",
                "owner",
                "SPIFFE_ID",
                boundId,
                "LISTEN_HOST",
                "127.0.0.1",
                "PORT",
                String.valueOf(port),
                "SOCKET_DIRECTORY",
                folder.toString(),
                "PID_FILE",
                folder.resolve("pid").toString(),
                "CERTIFICATE_DIRECTORY",
                folder.resolve("certs").toString());
        unpack();
        authority.issue(serverId, Duration.ofHours(1), folder.resolve("certs"));
        own();
        run("", "bin/initdb", "-D", "data", "-U", "owner", "--auth=reject", "-E", "UTF8", "--no-locale", "--no-sync");
        sql("postgres", "database.sql");
        // what runs at each start must not mind having run before
        for (int round = 0; round < 2; round++) {
            sql("demo", "identity.sql");
            sql("demo", "orders.sql");
        }
        Files.writeString(folder.resolve("data/pg_hba.conf"), file("pg_hba.conf"));
        Files.writeString(folder.resolve("data/pg_ident.conf"), file("pg_ident.conf"));
        Files.writeString(folder.resolve("data/postgresql.conf"), file("postgresql.conf"), StandardOpenOption.APPEND);
        own();
    }

    /** Returns when logins are answered. */
    public void start() throws IOException {
        server = command("bin/postgres", "-D", "data")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        awaitLog("ready to accept connections");
    }

    /** Returns when the server has logged these words since it was started last. */
    public void awaitLog(String words) throws IOException {
        var end = Instant.now().plusSeconds(30);
        while (!log().contains(words)) {
            if (Instant.now().isAfter(end) || server == null || !server.isAlive()) {
                throw new IOException("PostgreSQL does not say \"" + words + "\": " + log());
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    public void stop() throws InterruptedException {
        var running = server;
        if (running != null) {
            // SIGTERM would wait for open sessions; the children go with the postmaster
            running.descendants().forEach(ProcessHandle::destroy);
            running.destroy();
            if (!running.waitFor(20, TimeUnit.SECONDS)) {
                running.destroyForcibly().waitFor();
            }
        }
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    @Override
    public void close() throws Exception {
        stop();
        new ProcessBuilder("rm", "-rf", folder.toString()).start().waitFor();
    }

    private void unpack() throws Exception {
        try (InputStream archive = RealPostgres.class.getResourceAsStream("/postgres-linux-x86_64.txz")) {
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
    private void own() throws Exception {
        if (ROOT) {
            new ProcessBuilder("chown", "-R", "65534:65534", folder.toString())
                    .start()
                    .waitFor();
        }
    }

    private void sql(String database, String name) throws Exception {
        var output = run(file(name), "bin/postgres", "--single", "-j", "-D", "data", database);
        if (output.contains("ERROR:") || output.contains("FATAL:")) {
            throw new IOException(name + ": " + output);
        }
    }

    private String file(String name) throws IOException {
        var text = Files.readString(SQL.resolve(name));
        for (var value : values.entrySet()) {
            text = text.replace("@" + value.getKey() + "@", value.getValue());
        }
        return text;
    }

    private String run(String input, String... command) throws Exception {
        var output = folder.resolve("output");
        var process = command(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try (var in = process.outputWriter()) {
            in.write(input);
        }
        if (process.waitFor() != 0) {
            throw new IOException(List.of(command) + ": " + Files.readString(output));
        }
        return Files.readString(output);
    }

    private ProcessBuilder command(String... command) {
        var all = new ArrayList<String>();
        if (ROOT) {
            all.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        }
        all.addAll(List.of(command));
        var builder = new ProcessBuilder(all).directory(folder.toFile());
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
