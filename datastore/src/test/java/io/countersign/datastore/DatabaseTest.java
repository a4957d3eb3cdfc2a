// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
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
    void aFileThatIsNoDatabaseIsRefusedAndLeftAlone() throws IOException {
        var file = folder.resolve("notes.txt");
        var notes = "this is no database, but it is somebody's file\n".repeat(100);
        Files.writeString(file, notes);

        var failure = assertThrows(IOException.class, () -> Database.sqlite(file));

        assertTrue(String.valueOf(failure.getMessage()).contains(file.toString()), failure::getMessage);
        assertEquals(notes, Files.readString(file));
    }
}
