// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.authority.TrustedAuthorities;
import io.countersign.datastore.node.JoinTokens;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
    @TempDir
    Path folder;

    @Test
    void theSchemaIsMadeOnce() throws IOException {
        var file = folder.resolve("data").resolve("datastore.sqlite3");
        int first = migrations(file);
        assertTrue(first > 0);
        assertEquals(first, migrations(file));
    }

    private static int migrations(Path file) throws IOException {
        try (var database = Database.sqlite(file)) {
            return database.read(handle -> handle.select("SELECT count(*) FROM flyway_schema_history WHERE success")
                    .mapTo(Integer.class)
                    .one());
        }
    }

    @Test
    void onlyItsOwnerReadsAFreshFileAndWhatLiesBesideIt() throws IOException {
        var file = folder.resolve("datastore.sqlite3");
        try (var database = Database.sqlite(file)) {
            assertTrue(new JoinTokens(database).create("t", Instant.EPOCH));
            for (var name : List.of("datastore.sqlite3", "datastore.sqlite3-wal", "datastore.sqlite3-shm")) {
                assertEquals("rw-------", mode(folder.resolve(name)), name);
            }
        }
    }

    @Test
    void aFileThatIsThereKeepsItsMode() throws IOException {
        var file = folder.resolve("datastore.sqlite3");
        Database.sqlite(file).close();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        Database.sqlite(file).close();

        assertEquals("rw-r-----", mode(file));
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void aFileThatIsNoDatabaseIsRefusedAndLeftAlone() throws IOException {
        var file = folder.resolve("notes.txt");
        var notes = "this is no database, but it is somebody's file\n".repeat(100);
        Files.writeString(file, notes);

        var failure = assertThrows(IOException.class, () -> Database.sqlite(file));

        assertTrue(String.valueOf(failure.getMessage()).contains(file.toString()), failure::getMessage);
        assertEquals(notes, Files.readString(file));
    }

    @Test
    void aFullDiskIsSaidAndWritingGoesOnWhenThereIsRoomAgain() throws IOException {
        try (var database = Database.sqlite(folder.resolve("datastore.sqlite3"))) {
            var tokens = new JoinTokens(database);
            limit(database, 1);

            var failure = assertThrows(UnavailableException.class, () -> {
                for (int i = 0; i < 10_000; i++) {
                    var _ = tokens.create("t".repeat(1000) + i, Instant.EPOCH);
                }
            });

            assertTrue(String.valueOf(failure.getMessage()).contains("full"), failure::getMessage);
            assertFalse(stackTrace(failure).contains("ttt"), () -> stackTrace(failure));
            limit(database, Integer.MAX_VALUE - 1);
            assertTrue(tokens.create("small", Instant.EPOCH));
        }
    }

    /** SQLite says the same when its file may not grow as when the disk has no room. */
    private static void limit(Database database, int pages) {
        database.write(handle -> handle.execute("PRAGMA max_page_count = " + pages));
    }

    @Test
    void aDatabaseThatDoesNotAnswerIsSaidWithoutThePassword() {
        var settings = new DatabaseSettings.Postgresql(
                ConnectionString.parse("host=127.0.0.1 port=1 user=u password=s3cret dbname=d sslmode=disable"),
                DatabaseSettings.Pool.STANDARD,
                true);

        var failure = assertThrows(IOException.class, () -> Database.open(settings));

        var words = stackTrace(failure);
        assertTrue(words.contains("datastore postgres://u@127.0.0.1:1/d cannot be opened: "), words);
        assertFalse(words.contains("s3cret"), words);
    }

    @Test
    void aWrongPasswordIsSaidWithoutRepeatingIt() {
        var right = RealPostgres.shared().connectionString("postgres");
        var settings = new DatabaseSettings.Postgresql(
                ConnectionString.parse(right + " password=s3cret"), DatabaseSettings.Pool.STANDARD, true);

        var failure = assertThrows(IOException.class, () -> Database.open(settings));

        assertTrue(String.valueOf(failure.getMessage()).contains("authentication failed"), failure::getMessage);
        assertFalse(String.valueOf(failure.getMessage()).contains("s3cret"), failure::getMessage);
    }

    @Test
    @Timeout(60)
    void whoStandsStillInTheMiddleOfAChangeDoesNotHoldUpTheOthers() throws Exception {
        var settings = RealPostgres.shared().database();
        // the schema is made by the one that has time
        try (var other = Database.open(settings);
                var frozen = Database.open(settings, Duration.ofSeconds(2));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var begun = new CountDownLatch(1);
            var thaw = new CountDownLatch(1);
            Future<Boolean> change = threads.submit(() -> frozen.<Boolean, InterruptedException>decide(handle -> {
                begun.countDown();
                thaw.await();
                return handle.execute("UPDATE bundle_sequence SET number = 7") > 0;
            }));
            begun.await();

            assertTrue(new JoinTokens(other).create("t", Instant.EPOCH));

            thaw.countDown();
            var failure = assertThrows(ExecutionException.class, change::get);
            assertInstanceOf(UnavailableException.class, failure.getCause());
            assertEquals(0, new TrustedAuthorities(other).published().sequenceNumber());
            assertTrue(new JoinTokens(frozen).create("u", Instant.EPOCH));
        }
    }

    @Test
    void aSchemaThatIsNotThereIsRefusedWhereItMayNotBeMade() throws IOException {
        var settings = RealPostgres.shared().database();
        var strict = new DatabaseSettings.Postgresql(settings.connection(), settings.pool(), false);

        var failure = assertThrows(IOException.class, () -> Database.open(strict));

        assertTrue(String.valueOf(failure.getMessage()).contains("disable_migration is set"), failure::getMessage);
        Database.open(settings).close();
        Database.open(strict).close();
    }

    /** What a log shows of a failure. */
    private static String stackTrace(Exception failure) {
        var words = new StringWriter();
        failure.printStackTrace(new PrintWriter(words));
        return words.toString();
    }
}
