// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.DatabaseSettings;
import io.countersign.datastore.RealPostgres;
import io.countersign.server.TestConfig;
import io.countersign.server.TestServer;
import io.countersign.serverapi.entry.EntryGrpc;
import io.countersign.serverapi.entry.GetAuthorizedEntriesRequest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server moves from SQLite to PostgreSQL and back. */
@Timeout(120)
class DatastoreCopyTest {
    @TempDir
    Path folder;

    private final String name = "t" + UUID.randomUUID().toString().replace("-", "");
    private Path sqlite;
    private Path postgres;

    @BeforeEach
    void write() throws Exception {
        RealPostgres.shared().execute("postgres", "CREATE DATABASE " + name);
        sqlite = configuration("sqlite3", folder.resolve("datastore.sqlite3").toString());
        postgres = configuration("postgres", RealPostgres.shared().connectionString(name));
    }

    private Path configuration(String type, String connection) throws Exception {
        var text = """
                server {
                  trust_domain = "example.org"
                  data_dir = "%s"
                }
                plugins {
                  DataStore "sql" {
                    plugin_data { database_type = "%s", connection_string = "%s" }
                  }
                  KeyManager "disk" { plugin_data { keys_path = "%s/keys.json" } }
                  NodeAttestor "join_token" { plugin_data {} }
                }
                """.formatted(folder, type, connection.replace("\\", "\\\\").replace("\"", "\\\""), folder);
        return Files.writeString(Files.createTempFile(folder, type, ".conf"), text);
    }

    private record Run(int exit, String out, String err) {}

    private static Run copy(Path from, Path to) {
        var out = new StringWriter();
        var err = new StringWriter();
        int exit = ServerCommand.run(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                "datastore",
                "copy",
                "-from",
                from.toString(),
                "-to",
                to.toString());
        return new Run(exit, out.toString(), err.toString());
    }

    private TestServer on(DatabaseSettings database) throws Exception {
        return TestServer.start(folder, config -> TestConfig.database(config, database));
    }

    @Test
    void agentsGoOnAsIfNothingHadHappened() throws Exception {
        var before = on(new DatabaseSettings.Sqlite(folder.resolve("datastore.sqlite3")));
        var agent = before.join();
        var entry = before.create(TestServer.entry(agent.id(), TestConfig.id("/e"), "unix:uid:1")
                .setId("e")
                .setHint("ü")
                .addDnsNames("b.org")
                .addDnsNames("a.org"));
        var bundle = before.published();
        before.close();

        var there = copy(sqlite, postgres);
        assertEquals(0, there.exit(), there.err());
        assertTrue(there.out().contains("registration_entries     : 1\n"), there.out());
        try (var moved = on(RealPostgres.shared().settings(name))) {
            assertEquals(bundle, moved.published());
            var served = TestServer.waiting(EntryGrpc.newBlockingStub(moved.as(agent)))
                    .getAuthorizedEntries(GetAuthorizedEntriesRequest.getDefaultInstance());
            assertEquals(entry, served.getEntries(0));
            var _ = moved.create(TestServer.entry(agent.id(), TestConfig.id("/f"), "unix:uid:1"));
        }

        var occupied = copy(postgres, sqlite);
        assertEquals(1, occupied.exit());
        assertTrue(occupied.err().contains("the destination is not empty"), occupied.err());
        Files.delete(folder.resolve("datastore.sqlite3"));
        var back = copy(postgres, sqlite);
        assertEquals(0, back.exit(), back.err());
        try (var again = on(new DatabaseSettings.Sqlite(folder.resolve("datastore.sqlite3")))) {
            assertEquals(bundle, again.published());
            assertEquals(
                    2,
                    TestServer.waiting(EntryGrpc.newBlockingStub(again.as(agent)))
                            .getAuthorizedEntries(GetAuthorizedEntriesRequest.getDefaultInstance())
                            .getEntriesCount());
        }
    }

    @Test
    void whatIsNotThereIsNotCopied() {
        var run = copy(sqlite, postgres);

        assertEquals(1, run.exit());
        assertTrue(run.err().contains("does not exist"), run.err());
        assertFalse(Files.exists(folder.resolve("datastore.sqlite3")));
    }
}
