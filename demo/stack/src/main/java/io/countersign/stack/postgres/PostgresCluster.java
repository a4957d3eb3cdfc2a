// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack.postgres;

import io.countersign.stack.StackException;
import io.countersign.stack.UpOptions;
import io.countersign.stack.config.Template;
import io.countersign.stack.layout.Account;
import io.countersign.stack.layout.Accounts;
import io.countersign.stack.layout.Identities;
import io.countersign.stack.layout.Layout;
import io.countersign.stack.layout.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The database's files: made once, and brought up to date before each start, while no server runs. */
public final class PostgresCluster {
    /** The demo's. */
    public static final String ROLE = "demouser";

    public static final String DATABASE = "demo";

    private final Layout layout;
    private final Optional<Account> account;
    private final Path binaries;
    private final Map<String, String> values;

    public PostgresCluster(Layout layout, Accounts accounts, UpOptions options, Identities identities, Path binaries) {
        this.layout = layout;
        this.account = accounts.of(Role.POSTGRES);
        this.binaries = binaries;
        this.values = Map.of(
                "ROLE", ROLE,
                "DATABASE", DATABASE,
                "OWNER", accounts.postgresOwner(),
                "SPIFFE_ID", identities.backend().toString(),
                "LISTEN_HOST", "127.0.0.1",
                "PORT", Integer.toString(options.ports().postgres()),
                "SOCKET_DIRECTORY", layout.postgresRun().toString(),
                "PID_FILE", layout.postgresPidFile().toString(),
                "CERTIFICATE_DIRECTORY", layout.certificates(Role.POSTGRES).toString());
    }

    /** The command of the server. */
    public List<String> command() {
        return List.of(program("postgres"), "-D", layout.postgresData().toString());
    }

    /** Makes what is missing and writes anew what the options decide. */
    public void prepare() throws IOException, InterruptedException {
        var data = layout.postgresData();
        if (!Files.exists(data)) {
            create(data);
        }
        configure(data);
        sql(data, DATABASE, "sql/identity.sql");
        sql(data, DATABASE, "sql/orders.sql");
    }

    /** In a folder of another name, so that a run which is cut short leaves nothing that looks complete. */
    private void create(Path data) throws IOException, InterruptedException {
        var next = data.resolveSibling("data.next");
        run("", "rm", "-rf", next.toString());
        run(
                "",
                program("initdb"),
                "-D",
                next.toString(),
                "-U",
                values.getOrDefault("OWNER", ""),
                "--auth=reject",
                "-E",
                "UTF8",
                "--no-locale",
                "--no-sync");
        sql(next, "postgres", "sql/database.sql");
        Files.copy(next.resolve("postgresql.conf"), next.resolve("initdb.conf"));
        own(next.resolve("initdb.conf"));
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
    }

    private void configure(Path data) throws IOException {
        var settings = Files.readString(data.resolve("initdb.conf")) + Template.fill("sql/postgresql.conf", values);
        Layout.writePrivately(data.resolve("postgresql.conf"), settings, account);
        Layout.writePrivately(data.resolve("pg_hba.conf"), Template.fill("sql/pg_hba.conf", values), account);
        Layout.writePrivately(data.resolve("pg_ident.conf"), Template.fill("sql/pg_ident.conf", values), account);
    }

    private void own(Path file) throws IOException {
        if (account.isPresent()) {
            account.get().own(file);
        }
    }

    /** In single-user mode: a failed statement is only told by its output. */
    private void sql(Path data, String database, String template) throws IOException, InterruptedException {
        var output = run(
                Template.fill(template, values),
                program("postgres"),
                "--single",
                "-j",
                "-c",
                "ssl=off",
                "-D",
                data.toString(),
                database);
        if (output.contains("ERROR:") || output.contains("FATAL:")) {
            throw new StackException("PostgreSQL cannot be set up by " + template + ": " + output.strip());
        }
    }

    private String program(String name) {
        return binaries.resolve("bin").resolve(name).toString();
    }

    private String run(String input, String... command) throws IOException, InterruptedException {
        var all = new ArrayList<>(account.map(Account::prefix).orElse(List.of()));
        all.addAll(List.of(command));
        var builder =
                new ProcessBuilder(all).directory(layout.postgresRun().toFile()).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        var process = builder.start();
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        if (code != 0) {
            throw new StackException(List.of(command) + " has ended with " + code + ": " + output.strip());
        }
        return output;
    }
}
