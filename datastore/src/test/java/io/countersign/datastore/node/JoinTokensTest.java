// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JoinTokensTest {
    private static final Instant END = Instant.parse("2026-01-01T00:10:00Z");

    @TempDir
    Path folder;

    @Test
    void aTokenCountsOnce() throws IOException {
        try (var database = Database.sqlite(folder.resolve("datastore.sqlite3"))) {
            var tokens = new JoinTokens(database);

            assertTrue(tokens.create("t", END));
            assertFalse(tokens.create("t", END.plusSeconds(1)));

            assertEquals(Optional.of(END), tokens.redeem("t"));
            assertEquals(Optional.empty(), tokens.redeem("t"));
        }
    }

    @Test
    void onlyWhatHasExpiredIsPruned() throws IOException {
        try (var database = Database.sqlite(folder.resolve("datastore.sqlite3"))) {
            var tokens = new JoinTokens(database);
            var _ = tokens.create("old", END);
            var _ = tokens.create("new", END.plusSeconds(1));

            tokens.prune(END);

            assertEquals(Optional.empty(), tokens.redeem("old"));
            assertEquals(Optional.of(END.plusSeconds(1)), tokens.redeem("new"));
        }
    }
}
