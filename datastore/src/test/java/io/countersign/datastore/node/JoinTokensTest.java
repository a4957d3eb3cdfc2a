// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Store.class)
class JoinTokensTest {
    private final Store store;

    private static final Instant END = Instant.parse("2026-01-01T00:10:00Z");

    @TempDir
    Path folder;

    JoinTokensTest(Store store) {
        this.store = store;
    }

    @Test
    void aTokenCountsOnce() throws IOException {
        try (var opened = store.open(folder)) {
            var tokens = new JoinTokens(opened.database());

            assertTrue(tokens.create("t", END));
            assertFalse(tokens.create("t", END.plusSeconds(1)));

            assertEquals(Optional.of(END), tokens.redeem("t"));
            assertEquals(Optional.empty(), tokens.redeem("t"));
        }
    }

    @Test
    void onlyWhatHasExpiredIsPruned() throws IOException {
        try (var opened = store.open(folder)) {
            var tokens = new JoinTokens(opened.database());
            var _ = tokens.create("old", END);
            var _ = tokens.create("new", END.plusSeconds(1));

            tokens.prune(END);

            assertEquals(Optional.empty(), tokens.redeem("old"));
            assertEquals(Optional.of(END.plusSeconds(1)), tokens.redeem("new"));
        }
    }
}
